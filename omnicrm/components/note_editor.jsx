// One note, written as one types: kept on this device at every pause, sent when it can be, said what became of it.
import { Children, createElement as h, Fragment, useEffect, useReducer, useRef, useState } from "react";

const PAUSE = 700; // ms without a key before what is written goes out
const PATIENCE = 5000; // ms without an answer until it is said that the note is kept here, and it is sent again
const ICONS = ["check", "away", "template", "pin", "more", "follow", "edit"];
const PREFIX = "note:";
const clock = () => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date());

const store = {
  name: (owner, key) => `${PREFIX}${owner}:${key}`,
  get(owner, key) { return JSON.parse(localStorage.getItem(this.name(owner, key)) ?? "null"); },
  put(owner, kept) { localStorage.setItem(this.name(owner, kept.entry.key), JSON.stringify(kept)); },
  drop(owner, key) { localStorage.removeItem(this.name(owner, key)); },
  all(owner) {
    const mine = `${PREFIX}${owner}:`;
    return Object.keys(localStorage).filter((name) => name.startsWith(mine)).map((name) => JSON.parse(localStorage.getItem(name)));
  },
};

/** Whether the server can be reached, and since when it cannot. */
function useConnection(broken) {
  const [online, setOnline] = useState(true);
  const [since, setSince] = useState("");
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    look();
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => { removeEventListener("online", look); removeEventListener("offline", look); };
  }, []);
  const away = broken || !online;
  useEffect(() => setSince(away ? clock() : ""), [away]);
  return [away, since];
}

/** `note` is what is open (null: nothing), `ack` the last answer to `onKeep`, `inserted` a text to put in; `children` are
 * the icons and, last, the panel. What waited on this device is sent wherever the editor stands on a page. */
export function NoteEditor({ note, owner = "", ack, inserted, types = [], broken = false, panel = "", onKeep, onClose, onPanel, onRead, children }) {
  const dialog = useRef(null);
  const area = useRef(null);
  const draft = useRef(null); // the entry of the open note
  const timers = useRef({});
  const [, redraw] = useReducer((n) => n + 1, 0);
  const [mode, setMode] = useState("write");
  const [closed, setClosed] = useState("");
  const [late, setLate] = useState(false);
  const [away, since] = useConnection(broken);
  const parts = Children.toArray(children);
  const icons = Object.fromEntries(ICONS.map((name, n) => [name, parts[n]]));
  const open = Boolean(note) && note.sitting !== closed;
  const ready = open && draft.current?.sitting === note.sitting; // its field is there to be focused

  const waits = () => (owner ? store.all(owner).filter((kept) => !kept.asked) : []);
  const send = (kept) => onKeep({ ...kept.entry, late: kept.entry.sitting !== draft.current?.sitting });
  const flush = () => waits().forEach(send);
  const arm = () => {
    clearTimeout(timers.current.patience);
    timers.current.patience = setTimeout(() => { if (waits().length) { setLate(true); flush(); arm(); } }, PATIENCE);
  };
  const out = () => {
    clearTimeout(timers.current.pause);
    const kept = draft.current && store.get(owner, draft.current.key);
    if (kept && !kept.asked) { send(kept); arm(); }
  };
  const change = (changes, at_once = false) => {
    const entry = draft.current = { ...draft.current, ...changes, seq: Date.now() };
    if (entry.content.trim() || entry.base) store.put(owner, { entry, who: note.heading, asked: Boolean(entry.differs) });
    clearTimeout(timers.current.pause);
    timers.current.pause = setTimeout(out, at_once ? 0 : PAUSE);
    redraw();
  };

  // Another note is opened: what this device still has of it counts, and says so by being sent.
  useEffect(() => {
    if (!note) {
      if (draft.current && draft.current.sitting !== closed) store.drop(owner, draft.current.key); // it was deleted
      draft.current = null;
      return;
    }
    const kept = store.get(owner, note.key);
    const about = { contact_id: note.contact_id || null, session_id: note.session_id || null, program_id: note.program_id || null, project_id: note.project_id || null };
    draft.current = {
      key: note.key, sitting: note.sitting, base: note.version, title: note.title, content: note.content, is_pinned: note.pinned,
      note_type: note.note_type, ...about, ...(kept ? { title: kept.entry.title, content: kept.entry.content, base: kept.entry.base } : {}),
    };
    setMode(kept ? "write" : note.mode);
    setLate(false);
    if (kept) change({});
    redraw();
  }, [note?.sitting]);

  useEffect(() => { if (owner && !away) { flush(); if (waits().length) arm(); } }, [owner, away]);
  useEffect(() => {
    const leave = () => document.visibilityState === "hidden" && out();
    document.addEventListener("visibilitychange", leave);
    return () => { document.removeEventListener("visibilitychange", leave); out(); clearTimeout(timers.current.patience); };
  }, [owner]);

  // An answer: the device lets go of what is safe.
  useEffect(() => {
    if (!ack?.key || !owner) return;
    const kept = store.get(owner, ack.key);
    if (kept && kept.entry.seq === ack.seq) {
      if (ack.trouble) store.put(owner, { ...kept, asked: true });
      else store.drop(owner, ack.key);
    } else if (kept && !ack.trouble) {
      store.put(owner, { ...kept, entry: { ...kept.entry, base: ack.version } });
    }
    if (draft.current?.key === ack.key && !ack.trouble) draft.current = { ...draft.current, base: ack.version, saved: ack.at };
    if (!waits().length) { setLate(false); clearTimeout(timers.current.patience); }
    redraw();
  }, [ack?.n]);

  useEffect(() => {
    if (!inserted?.n || !draft.current || !area.current) return;
    const box = area.current;
    const before = box.value.slice(0, box.selectionStart);
    const put = (before && !before.endsWith("\n\n") ? "\n\n" : "") + inserted.text;
    box.setRangeText(put, box.selectionStart, box.selectionEnd, "end");
    change({ content: box.value, ...(before.trim() ? {} : { note_type: inserted.note_type }) });
    box.focus();
  }, [inserted?.n]);

  useEffect(() => {
    const el = dialog.current;
    if (!el) return;
    if (open && !el.open) {
      if (matchMedia("(min-width: 64rem)").matches) el.show(); else el.showModal();
    }
    if (!open && el.open) el.close();
    if (open && mode === "write" && !el.contains(document.activeElement?.closest(".np"))) area.current?.focus();
  }, [open, ready, mode]);

  const close = () => { out(); setClosed(note.sitting); onClose(); };
  const entry = draft.current;
  if (!open || !entry) return h("dialog", { ref: dialog, className: "nt", "aria-label": "Nothing open" });
  const waiting = waits();
  const mine = waiting.some((kept) => kept.entry.key === entry.key);
  const trouble = ack?.key === entry.key && ack.trouble ? ack : null;
  const kept = away || late;
  const word = mine && kept
    ? h("span", { className: "st warn nw" }, icons.away, "Kept here")
    : mine ? h("span", { className: "s m2 nw" }, "Saving…")
      : entry.saved ? h("span", { className: "s m2 nw row g4" }, h("span", { className: "ok" }, icons.check), `Saved ${entry.saved}`) : null;
  const button = (name, words, onClick, props = {}) => h("button", { type: "button", className: "btn ico", "aria-label": words, title: words, onClick, ...props }, icons[name]);
  return h(
    "dialog",
    {
      ref: dialog, className: "nt", "aria-label": note.heading,
      onCancel: (e) => { e.preventDefault(); close(); },
      onKeyDown: (e) => {
        if (e.key === "Escape") { e.preventDefault(); e.stopPropagation(); if (panel) onPanel(""); else close(); }
        if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); close(); }
      },
    },
    h(
      "header", { className: "nh" },
      h("div", { className: "grow" }, h("h2", { className: "one" }, note.heading), note.about && h("p", { className: "s m2 one" }, note.about)),
      h("span", { role: "status" }, word),
      h("button", { type: "button", className: "btn ghost", onClick: close }, "Close"),
    ),
    h(
      "div", { className: "txt", key: note.sitting },
      away && h("div", { className: "bn nb", role: "status" }, h("span", { className: "warn" }, icons.away), h("span", { className: "grow s" }, h("b", null, `No connection since ${since}. `), "Your note is kept here and is saved when you are back. You may close it.")),
      !away && late && mine && h("div", { className: "bn nb", role: "status" }, h("span", { className: "warn" }, icons.away), h("span", { className: "grow s" }, "The server does not answer. Your note is kept here and will be sent.")),
      trouble && h(
        "div", { className: "bn nb", role: "alert" }, h("span", { className: "grow s" }, trouble.trouble),
        trouble.differs && h("button", { type: "button", className: "btn", onClick: () => change({ base: trouble.version }, true) }, "Keep mine"),
        trouble.differs && h("button", { type: "button", className: "btn", onClick: () => { store.drop(owner, entry.key); onRead(); } }, "Take the other"),
      ),
      h("div", { className: "chips", role: "group", "aria-label": "Type of note" }, types.map((type) => h("button", {
        key: type.value, type: "button", className: "chip", "aria-pressed": entry.note_type === type.value, onClick: () => change({ note_type: type.value }, true),
      }, type.words))),
      mode === "read"
        ? h(
          Fragment, null,
          entry.title && h("h3", { className: "nti" }, entry.title),
          h("div", { className: "voice big md", onClick: (e) => { if (!e.target.closest("a") && !String(getSelection())) setMode("write"); }, dangerouslySetInnerHTML: { __html: note.html } }),
        )
        : h(
          Fragment, null,
          h("input", { className: "nti", placeholder: "Title, if it needs one", "aria-label": "Title", maxLength: 200, autoComplete: "off", defaultValue: entry.title, onChange: (e) => change({ title: e.target.value }) }),
          h("textarea", { ref: area, className: "voice big nta", placeholder: "What is worth remembering?", "aria-label": "Note", maxLength: 100000, defaultValue: entry.content, onChange: (e) => change({ content: e.target.value }) }),
        ),
    ),
    panel && h("div", { className: "np", key: panel }, parts.slice(ICONS.length)),
    kept && waiting.length > 0 && h("p", { className: "nw s m2" }, `${waiting.length === 1 ? "1 note waits" : `${waiting.length} notes wait`}: ${waiting.map((one) => one.who.replace(/^Note for /, "")).join(", ")}`),
    h(
      "footer", { className: "tb" },
      mode === "read" ? button("edit", "Edit", () => setMode("write")) : button("template", "Begin with a template", () => onPanel("templates"), { "aria-expanded": panel === "templates" }),
      button("pin", entry.is_pinned ? "Unpin this note" : "Pin this note", () => change({ is_pinned: !entry.is_pinned }, true), { "aria-pressed": entry.is_pinned }),
      button("more", "More", () => onPanel("more"), { "aria-expanded": panel === "more" }),
      h("button", { type: "button", className: "btn end", "aria-expanded": panel === "follow", onClick: () => onPanel("follow") }, icons.follow, "Follow-up"),
      h("button", { type: "button", className: "btn solid", onClick: close }, "Done"),
    ),
  );
}
