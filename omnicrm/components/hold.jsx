// A finger that rests on a `data-hold` chooses it; the tap that would follow opens nothing.
import { createElement as h, useRef } from "react";

export function Hold({ onHold, children }) {
  const timer = useRef(0);
  const held = useRef(false);
  const release = () => clearTimeout(timer.current);
  return h("div", {
    onPointerDown: (e) => {
      const row = e.target.closest("[data-hold]");
      held.current = false;
      release();
      if (e.pointerType === "touch" && row) timer.current = setTimeout(() => { held.current = true; onHold(row.dataset.hold); }, 500);
    },
    onPointerUp: release, onPointerCancel: release, onPointerMove: (e) => Math.abs(e.movementY) > 6 && release(),
    onContextMenu: (e) => { if (held.current) e.preventDefault(); },
    onClickCapture: (e) => { if (held.current) { e.preventDefault(); e.stopPropagation(); held.current = false; } },
  }, children);
}
