// What a page needs in the browser beyond React Router and the socket. No package: React alone.
import { createElement as h, useEffect, useRef, useState } from "react";

const shown = (el) => el.getClientRects().length > 0 && !el.disabled && !el.closest(".gone");
const first = (selector, root = document) => [...root.querySelectorAll(selector)].find(shown);
const typing = (el) => el?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const overlaid = () => document.querySelector("dialog[open], [role=menu]");

/** Single keys and sequences. `data-keys="a"`, `"shift+a"` or `"g t"` on whatever a click does, `data-also` is a second key;
 * a `mark` is jumped to. `?` lists the keys of the page that is open, read from the page itself. */
export function Shortcuts({ enabled = true }) {
  const [listed, setListed] = useState(null);
  useEffect(() => {
    if (!enabled) return undefined;
    let before = "";
    let at = 0;
    const down = (e) => {
      if (e.repeat || e.isComposing || e.ctrlKey || e.metaKey || e.altKey || e.key.length > 1 && !/^(Escape|Arrow)/.test(e.key)) return;
      if (typing(e.target) || overlaid()) return;
      if (e.key === "?") {
        e.preventDefault();
        setListed(keysOfPage());
        return;
      }
      const key = (e.shiftKey && /^[a-z]$/i.test(e.key) ? "shift+" : "") + e.key.toLowerCase();
      const pair = e.timeStamp - at < 1200 ? `${before} ${key}` : "";
      const el = (pair && first(`[data-keys="${CSS.escape(pair).replaceAll("\\ ", " ")}"]`)) || first(`[data-keys="${CSS.escape(key)}"], [data-also="${CSS.escape(key)}"]`);
      before = key;
      at = e.timeStamp;
      if (!el) return;
      e.preventDefault();
      if (el.matches("mark, input, textarea")) {
        el.scrollIntoView({ block: "center" });
        el.focus();
      } else {
        el.click();
      }
    };
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, [enabled]);
  return h(
    Sheet, { open: listed !== null, label: "Keys of this page", onClose: () => setListed(null) },
    h("h2", null, "Keys of this page"),
    h("dl", { className: "keys ds" }, listed?.map(([keys, words]) => h(
      "div", { key: keys }, h("dt", null, words), h("dd", null, keys.split(" ").map((key) => h("kbd", { key }, key))),
    ))),
    h("div", { className: "foot" }, h("button", { type: "button", className: "btn solid", "data-close": true }, "Close")),
  );
}

const KEY = { escape: "Esc", arrowleft: "←", arrowright: "→", arrowup: "↑", arrowdown: "↓" };
const keyName = (key) => key.split("+").map((one) => KEY[one] ?? one.charAt(0).toUpperCase() + one.slice(1)).join("+");

/** [keys, what they do] of all that is shown, each once; the words are those that a reader is told. */
function keysOfPage() {
  const found = new Map();
  for (const el of [...document.querySelectorAll("[data-keys]")].filter(shown)) {
    const quote = el.matches("mark");
    const keys = quote ? "1–9" : el.dataset.keys.split(" ").map(keyName).join(" ");
    if (!found.has(keys)) found.set(keys, quote ? "To the quote of that number" : wordsOf(el));
  }
  const pairs = [...found].sort(([a], [b]) => a.includes(" ") - b.includes(" "));
  return [...pairs, ["Ctrl+K", "Find anything"], ["Z", "Take back what was just done"], ["?", "This list"], ["Esc", "Close"]]
    .filter(([keys], place, all) => all.findIndex(([other]) => other === keys) === place);
}

function wordsOf(el) {
  if (el.ariaLabel) return el.ariaLabel;
  const copy = el.cloneNode(true);
  copy.querySelectorAll("kbd, .n, .sr").forEach((one) => one.remove());
  return copy.textContent.trim() || el.textContent.trim();
}

let seenToast = 0; // outlives the pages, not the load
let loaded = false;
/** One message at a time: 8 s, longer while hovered or focused. `toast` is that of PageState; a grown n is a new one.
 * What was said before this load (it comes back with the state) is not said again. */
export function Toast({ toast, hydrated, onBack }) {
  const way = toast?.undo || toast?.anyway;
  const [, redraw] = useState(0);
  const [held, setHeld] = useState(false);
  if (hydrated && !loaded) {
    loaded = true;
    seenToast = toast?.n ?? 0;
  }
  const open = loaded && Boolean(toast?.text) && toast.n !== seenToast;
  const done = () => { seenToast = toast.n; redraw((n) => n + 1); };
  useEffect(() => {
    if (!open || held) return undefined;
    const timer = setTimeout(done, toast.bad ? 15000 : 8000);
    return () => clearTimeout(timer);
  }, [open, held, toast?.n]);
  const close = () => { setHeld(false); done(); };
  const hold = { onMouseEnter: () => setHeld(true), onMouseLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) };
  return h("div", { role: "status", "aria-live": "polite" }, open && h(
    "div", { className: toast.bad ? "toast err" : "toast", ...hold },
    h("span", { className: "grow" }, toast.text),
    way && h("button", { type: "button", "data-keys": "z", onClick: () => { close(); onBack(); } }, way, h("kbd", { className: "dt", "aria-hidden": true }, "Z")),
    h("button", { type: "button", className: "x", "aria-label": "Close this message", onClick: close }, "✕"),
  ));
}

/** A dialog from 1024 px, a sheet from the bottom below: the browser's own `dialog`, so focus stays in it and Esc closes. */
export function Sheet({ open, label, onClose, className = "", children }) {
  const ref = useRef(null);
  useEffect(() => {
    const el = ref.current;
    if (open && !el.open) el.showModal();
    if (!open && el.open) el.close();
  }, [open]);
  return h("dialog", {
    ref, className: `dlg ${className}`, "aria-label": label,
    onCancel: (e) => { e.preventDefault(); onClose(); },
    onClick: (e) => {
      if (e.target === ref.current || e.target.closest("[data-close]")) onClose();
    },
  }, open ? [h("div", { key: "grab", className: "grab" }), h("div", { key: "in", style: { display: "contents" } }, children)] : null);
}

let lastAct = 0;
/** A card that is decided: `data-act` buttons and, by touch, a swipe. What `goes` lists leaves at once; `refused` (id:n) brings it back. */
export function DecisionCard({ cardId: id, goes = ["approve"], refused = "", onAct, onReject, onLater, className = "", children, ...rest }) {
  const ref = useRef(null);
  const drag = useRef(null);
  const [state, setState] = useState("");
  useEffect(() => { if (refused.split(":")[0] === id) setState(""); }, [refused, id]);
  const act = (what) => {
    const now = performance.now();
    if (state || now - lastAct < 350) return;
    lastAct = now;
    if (what === "reject") return onReject();
    if (what === "later") return onLater();
    if (goes.includes(what)) leave();
    onAct(what);
  };
  const leave = () => {
    const inside = ref.current.contains(document.activeElement);
    setState("leaving gone");
    if (inside) requestAnimationFrame(() => first(".pc:not(.gone) [data-act=approve]")?.focus({ preventScroll: true }));
  };
  const move = (x) => { ref.current.style.transform = x ? `translateX(${x}px) rotate(${x / 60}deg)` : ""; };
  const pointer = {
    onPointerDown: (e) => {
      if (e.pointerType === "touch" && !e.target.closest("input, textarea, .chips, .noswipe")) drag.current = { x: e.clientX, y: e.clientY, dx: 0 };
    },
    onPointerMove: (e) => {
      const d = drag.current;
      if (!d) return;
      d.dx = e.clientX - d.x;
      if (Math.abs(d.dx) > 12 && Math.abs(d.dx) > Math.abs(e.clientY - d.y)) move(d.dx);
    },
    onPointerUp: () => {
      const dx = drag.current?.dx ?? 0;
      drag.current = null;
      move(0);
      if (Math.abs(dx) >= 90) act(dx > 0 ? "approve" : "reject");
    },
    onPointerCancel: () => { drag.current = null; move(0); },
  };
  const tie = (e, on) => {
    const mine = e.target.closest?.("[data-ev]")?.dataset.ev;
    if (mine) ref.current.querySelectorAll(`[data-ev="${CSS.escape(mine)}"]`).forEach((el) => el.classList.toggle("tie", on));
  };
  return h("article", {
    ...rest, ref, className: `${className} ${state}`, ...pointer,
    onMouseOver: (e) => tie(e, true), onMouseOut: (e) => tie(e, false), onFocus: (e) => tie(e, true), onBlur: (e) => tie(e, false),
    onClick: (e) => {
      const copy = e.target.closest("[data-copy]");
      if (copy) {
        navigator.clipboard?.writeText(ref.current.querySelector(copy.dataset.copy).value).then(() => onAct("copied"), () => {});
        return;
      }
      const button = e.target.closest("[data-act]");
      if (button && !button.disabled) act(button.dataset.act);
    },
  }, children);
}

/** Calls `onSeen` when it scrolls into view, once for each `tick`. */
export function OnVisible({ tick, onSeen }) {
  const ref = useRef(null);
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && onSeen());
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [tick]);
  return h("div", { ref, style: { minHeight: 1 }, "aria-hidden": true });
}

/** Inside a form: what is typed into named fields survives a reload, until `saved` grows. Passwords and files are left out. */
export function Draft({ name, saved = 0 }) {
  const ref = useRef(null);
  const key = `draft:${name}`;
  const before = useRef(saved);
  useEffect(() => {
    const form = ref.current.closest("form");
    const fields = () => [...form.elements].filter((f) => f.name && f.type !== "password" && f.type !== "file");
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}");
    fields().forEach((f) => { if (!f.value && kept[f.name]) f.value = kept[f.name]; });
    const keep = () => localStorage.setItem(key, JSON.stringify(Object.fromEntries(fields().map((f) => [f.name, f.value]))));
    form.addEventListener("input", keep);
    return () => form.removeEventListener("input", keep);
  }, [key]);
  useEffect(() => {
    if (saved !== before.current) localStorage.removeItem(key);
    before.current = saved;
  }, [saved, key]);
  return h("span", { ref, hidden: true });
}

/** Says `onTick` every `seconds` while `on` and the page is in sight: for what is under way on the server. */
export function Every({ seconds, on, onTick }) {
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && onTick(), seconds * 1000);
    return () => clearInterval(timer);
  }, [on, seconds]);
  return null;
}

/** Its children at one size only, so that what is heavy or fixed is not made where it is not seen. */
export function Only({ wide, children }) {
  const [fits, setFits] = useState(false);
  useEffect(() => {
    const query = matchMedia("(min-width: 64rem)");
    const look = () => setFits(query.matches === wide);
    look();
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [wide]);
  return fits ? children : null;
}

/** Says `onChange` when `value` becomes another one; not for the first. */
export function OnChange({ value, onChange }) {
  const before = useRef(value);
  useEffect(() => {
    if (before.current !== value) onChange();
    before.current = value;
  }, [value]);
  return null;
}

/** Within a row that scrolls sideways: brings the current link of it into sight. */
export function Centred() {
  const ref = useRef(null);
  useEffect(() => {
    const row = ref.current.parentElement;
    const current = row.querySelector("[aria-current]");
    if (current) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
  }, []);
  return h("span", { ref, hidden: true });
}

/** Two children: a page's body, and what stands there until its data have come. What is shown stays while the same address
 * is read again (another query, a reconnect): nothing flashes, and what is typed or open there is kept. */
export function Settled({ ready, children }) {
  const here = typeof window === "undefined" ? "" : window.location.pathname;
  const [, redraw] = useState(0);
  const at = useRef(null); // where we are
  const stale = useRef(false); // `ready` still speaks of the page before
  const settled = useRef(null); // the address whose data are here
  if (at.current !== here) {
    at.current = here;
    stale.current = ready;
  }
  if (!ready) stale.current = false;
  if (ready && !stale.current) settled.current = here;
  useEffect(() => {
    if (!stale.current) return undefined;
    const timer = setTimeout(() => { stale.current = false; redraw((n) => n + 1); }, 500); // nothing had to be read
    return () => clearTimeout(timer);
  }, [here, ready]);
  return children[settled.current === here ? 0 : 1];
}

/** A field opened where its value stood: focused at once, Escape leaves it, and the focus goes back to what opened it. */
export function InPlace({ name, onCancel, children }) {
  const ref = useRef(null);
  useEffect(() => {
    const field = ref.current?.querySelector("input:not([type=hidden]), select, textarea");
    field?.focus();
    if (field?.select && field.type !== "date") field.select();
    return () => setTimeout(() => {
      if (document.activeElement === document.body) document.querySelector(`[data-field="${CSS.escape(name)}"]`)?.focus();
    }, 60);
  }, [name]);
  const down = (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    onCancel();
  };
  return h("div", { ref, onKeyDown: down, className: "inpl" }, children);
}

/** A button that chooses a file and sends it to /files: how far it is stands in its place, and what is refused is said. */
export function Upload({ fields = {}, accept, label, onDone, onRefused, className = "", children }) {
  const input = useRef(null);
  const [part, setPart] = useState(-1);
  const send = (file) => {
    if (!file) return;
    const form = new FormData();
    Object.entries(fields).forEach(([name, value]) => form.append(name, value));
    form.append("file", file);
    const request = new XMLHttpRequest();
    const refused = (words) => { setPart(-1); onRefused(words); };
    request.open("POST", "/files");
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (e) => e.lengthComputable && setPart(Math.round((100 * e.loaded) / e.total));
    request.onerror = () => refused("The connection was lost. The file was not kept: choose it again.");
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* an answer in plain words */ }
      if (request.status === 201) { setPart(-1); onDone(); } else refused(answer.message || "The file was not taken.");
    };
    setPart(0);
    request.send(form);
  };
  const chosen = (e) => { send(e.target.files[0]); e.target.value = ""; };
  return h("button", { type: "button", className, "aria-label": label, disabled: part >= 0, onClick: () => input.current.click() },
    children,
    part >= 0 && h("span", { className: "xs", role: "status" }, part < 100 ? `${part} %` : "Keeping…"),
    h("input", { ref: input, type: "file", hidden: true, accept: accept || undefined, onChange: chosen, onClick: (e) => e.stopPropagation() }));
}
