// The roster by keyboard: ↑ ↓ go from person to person, ← → from word to word, P L O say it and go on.
import { createElement as h } from "react";

const WORDS = { p: "present", l: "late", o: "no_show" };
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export function RosterKeys({ children }) {
  const groups = (root) => [...root.querySelectorAll("[role=radiogroup]")];
  const marks = (group) => [...group.querySelectorAll("[data-mark]")];
  const enter = (group) => group && (group.querySelector("[aria-checked=true]") ?? group.querySelector("[data-mark]")).focus();
  const onKeyDown = (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const here = e.target.closest("[role=radiogroup]");
    if (!here) return;
    const all = groups(e.currentTarget);
    const next = all[all.indexOf(here) + (STEPS[e.key] ?? 1)];
    const side = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (STEPS[e.key]) {
      enter(next);
    } else if (side) {
      const words = marks(here);
      words[words.indexOf(e.target) + side]?.focus();
    } else if (WORDS[e.key.toLowerCase()]) {
      here.querySelector(`[data-mark=${WORDS[e.key.toLowerCase()]}]`).click();
      enter(next);
    } else {
      return;
    }
    e.preventDefault();
    e.stopPropagation();
  };
  return h("div", { onKeyDown }, children);
}
