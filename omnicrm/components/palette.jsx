// Find anything: a combobox with its listbox in the browser's own dialog; the whole screen on a phone.
import { Children, createElement as h, Fragment, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

const PAUSE = 150; // ms without a key before the question goes out
const HELD = 500; // ms of a finger on a row until it is chosen instead of opened
const ICONS = ["search", "close", "note", "mail", "session", "task", "book", "call"];
const typing = (el) => el?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const visible = (selector) => [...document.querySelectorAll(selector)].some((el) => el.getClientRects().length > 0);
const pieces = (parts) => parts.map((part, n) => (part.hit ? h("mark", { key: n }, part.text) : h(Fragment, { key: n }, part.text)));

function Row({ row, id, on, icons, onOpen, onHold, onPoint }) {
  const timer = useRef(0);
  const held = useRef(false);
  const release = () => clearTimeout(timer.current);
  const person = row.kind === "contact";
  return h(
    "a",
    {
      id, role: "option", "aria-selected": on, tabIndex: -1, href: row.to, className: on ? "fr1 on" : "fr1", draggable: false,
      onClick: (e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return;
        e.preventDefault();
        if (!held.current) onOpen();
      },
      onMouseMove: onPoint,
      onContextMenu: (e) => { if (held.current) e.preventDefault(); },
      onPointerDown: (e) => {
        held.current = false;
        if (e.pointerType === "touch") timer.current = setTimeout(() => { held.current = true; onHold(); }, HELD);
      },
      onPointerUp: release, onPointerCancel: release, onPointerLeave: release,
    },
    person ? h("span", { className: "av sm", "aria-hidden": true }, row.initials) : h("span", { className: "ic" }, icons[row.kind]),
    h(
      "span", { className: "grow" },
      h(
        "span", { className: "one bk" },
        row.name.length > 0 && h("span", { className: "b" }, pieces(row.name)),
        row.name.length > 0 && row.title.length > 0 && " ",
        row.title.length > 0 && h("span", { className: row.name.length > 0 ? "m2" : "" }, pieces(row.title)),
      ),
      row.said.length > 0 && h("span", { className: "voice one bk" }, pieces(row.said)),
    ),
    row.when && h("span", { className: "s m2 nw" }, row.when),
  );
}

/** `results` (groups of rows) answer `asked`; `children` are the icons. Opened by Ctrl K, by "/" and by `data-find`. */
export function Palette({ results = [], asked = "", slashes = true, onFind, onBook, children }) {
  const dialog = useRef(null);
  const input = useRef(null);
  const waits = useRef(false);
  const [open, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const navigate = useNavigate();
  const icons = Object.fromEntries(Children.toArray(children).map((icon, n) => [ICONS[n], icon]));
  const answered = open && asked === text;
  const groups = open && (text !== "" || answered) ? results : [];
  const rows = groups.flatMap((group) => group.rows);
  const chosen = rows[at];

  const show = () => {
    if (document.querySelector("dialog[open]")) return;
    dialog.current.showModal();
    input.current.focus(); // at once, so that a phone brings its keyboard
    setText("");
    setAt(0);
    setOpen(true);
  };
  const hide = () => { dialog.current.close(); setOpen(false); waits.current = false; };
  const go = (row) => { if (row) { hide(); navigate(row.to); } };
  const book = () => { const { client } = chosen; hide(); onBook(client); };

  useEffect(() => {
    const down = (e) => {
      const ctrl = (e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k";
      const slash = slashes && e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target) && !visible('[data-keys="/"]');
      if (!ctrl && !slash) return;
      if (ctrl || !document.querySelector("dialog[open], [role=menu]")) e.preventDefault();
      if (ctrl && dialog.current.open) hide();
      else if (ctrl || !document.querySelector("[role=menu]")) show();
    };
    const click = (e) => { if (e.target.closest?.("[data-find]")) show(); };
    addEventListener("keydown", down);
    document.addEventListener("click", click);
    return () => { removeEventListener("keydown", down); document.removeEventListener("click", click); };
  }, [slashes]);
  useEffect(() => {
    if (!open) return undefined;
    const timer = setTimeout(() => onFind(text), text ? PAUSE : 0);
    return () => clearTimeout(timer);
  }, [open, text]);
  useEffect(() => {
    setAt(0);
    if (waits.current && answered) { waits.current = false; go(rows[0]); }
  }, [results, asked]);
  useEffect(() => { document.getElementById(`find-${at}`)?.scrollIntoView({ block: "nearest" }); }, [at]);

  const keys = (e) => {
    if (e.nativeEvent.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && rows.length) setAt((at + step + rows.length) % rows.length);
    else if (e.key === "Enter" && answered) go(chosen);
    else if (e.key === "Enter") waits.current = text.trim() !== "";
    else if (e.key.toLowerCase() === "b" && (e.ctrlKey || e.metaKey) && chosen?.client) book();
    else return;
    e.preventDefault();
  };
  let number = -1;
  const list = rows.length > 0 && h(
    "div", { id: "find-list", role: "listbox", "aria-label": "Results", className: "fl" },
    groups.map((group) => h(
      "div", { key: group.title, role: "group", "aria-label": group.title },
      h("div", { className: "fh", "aria-hidden": true }, asked === "" ? group.title : `${group.title}, ${group.count}`),
      group.rows.map((row) => {
        number += 1;
        const mine = number;
        return h(Row, {
          key: `${row.kind}${mine}${row.to}`, row, id: `find-${mine}`, on: mine === at, icons,
          onOpen: () => go(row), onHold: () => setAt(mine), onPoint: () => mine !== at && setAt(mine),
        });
      }),
    )),
  );
  const nothing = answered && rows.length === 0 && h(
    "p", { className: "fn m2" },
    text.trim() ? `Nothing found for “${text.trim()}”. Names, notes, mail, sessions and tasks are searched.` : "Type a name or a word: clients, notes, mail, sessions and tasks are searched.",
  );
  const actions = chosen?.client && h(
    "div", { className: "row end" },
    h("span", { className: "b one" }, chosen.who),
    h("button", { type: "button", className: "btn", onClick: book, "aria-keyshortcuts": "Control+B" }, icons.book, "Book", h("kbd", { className: "dt", "aria-hidden": true }, "Ctrl B")),
    chosen.phone && h("a", { className: "btn", href: `tel:${chosen.phone}` }, icons.call, "Call"),
  );
  const found = groups.reduce((sum, group) => sum + group.count, 0);
  return h(
    "dialog",
    {
      ref: dialog, className: "fd", "aria-label": "Find anything", onCancel: (e) => { e.preventDefault(); hide(); },
      onClick: (e) => e.target === dialog.current && hide(),
    },
    h(
      "div", { className: "fdi" },
      h(
        "div", { className: "fi" },
        icons.search,
        h("input", {
          ref: input, type: "text", role: "combobox", "aria-label": "Find anything", "aria-autocomplete": "list", "aria-haspopup": "listbox",
          "aria-expanded": rows.length > 0, "aria-controls": "find-list", "aria-activedescendant": chosen ? `find-${at}` : undefined,
          autoComplete: "off", autoCapitalize: "off", spellCheck: false, enterKeyHint: "go", maxLength: 200, value: text,
          onChange: (e) => setText(e.target.value), onKeyDown: keys,
        }),
        h("kbd", { "aria-hidden": true }, "Esc"),
        h("button", { type: "button", className: "btn ghost ico ph", "aria-label": "Close", onClick: hide }, icons.close),
      ),
      list || nothing,
      rows.length > 0 && h(
        "div", { className: "ff" },
        h("span", { className: "dt", "aria-hidden": true }, h("kbd", null, "↑"), " ", h("kbd", null, "↓"), " choose  ", h("kbd", null, "↵"), " open"),
        actions,
      ),
      h("span", { className: "sr", role: "status" }, answered && text.trim() ? `${found} found` : ""),
    ),
  );
}
