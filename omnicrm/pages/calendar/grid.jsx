// The calendar's grids. React alone: no package, so that the phone has them too.
import { createElement as h, useEffect, useLayoutEffect, useRef, useState } from "react";
import { DAY, clockOf, dayOf, inTheWay, isoOf, longDay, placed, said, useDrag, useNow, weekday } from "./drag.jsx";
import { Month } from "./month.jsx";

/** Month, week or day. Moved blocks stay where they were dropped until the server `answered`; what is `held` waits for a
 * word of the practitioner. Arrow keys go from session to session, Enter opens one, M moves it. */
export function CalendarGrid({ view, blocks, held, answered, onMove, onOpen, onKey, ...rest }) {
  const root = useRef(null);
  const [moved, setMoved] = useState({});
  useEffect(() => {
    setMoved((now) => (held && now[held] ? { [held]: now[held] } : {}));
  }, [answered, held]);
  const drop = (block, at, len) => {
    setMoved((now) => ({ ...now, [block.id]: { at, len } }));
    onMove(block.id, isoOf(Math.floor(at / DAY)), clockOf(at), len, block.starts);
  };
  const shown = blocks.map((block) => placed(block, moved[block.id]));
  const key = (e) => {
    const here = e.target.closest(".cb");
    if (!here || e.altKey || e.ctrlKey || e.metaKey) return;
    if (e.key.toLowerCase() === "m") onKey(here.dataset.id);
    else if (!walk(root.current, here, e.key)) return;
    e.preventDefault();
    e.stopPropagation();
  };
  const parts = { ...rest, view, root, blocks: shown, onDrop: drop, onOpen };
  return h("div", { ref: root, className: `gr ${view}`, onKeyDown: key }, h(view === "month" ? Month : TimeGrid, parts));
}

function walk(root, here, key) {
  const all = [...root.querySelectorAll("button.cb")].sort((a, b) => a.dataset.at - b.dataset.at);
  const day = (el) => Math.floor(el.dataset.at / DAY);
  const n = all.indexOf(here);
  const to = {
    ArrowDown: () => all[n + 1],
    ArrowUp: () => all[n - 1],
    ArrowRight: () => all.find((el) => day(el) > day(here)),
    ArrowLeft: () => all.findLast((el) => day(el) < day(here)),
  }[key];
  to?.()?.focus();
  return Boolean(to?.());
}

/** The hours of one to seven days. */
function TimeGrid({ root, anchor, first, count, blocks, hours, now, zone, selected, twelve, onOpen, onBook, onDay, onDrop }) {
  const scroller = useRef(null);
  const cols = useRef(null);
  const [slot, setSlot] = useState(null); // where a click would book
  const from = dayOf(first);
  const days = Array.from({ length: count }, (_, n) => from + n);
  const nowAt = useNow(now);
  const today = Math.floor(nowAt / DAY);
  const locate = (x, y) => {
    const box = cols.current.getBoundingClientRect();
    const col = Math.min(count - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * count)));
    const minute = ((y - box.top) / box.height) * DAY;
    return (from + col) * DAY + Math.min(DAY - 1, Math.max(0, minute));
  };
  const { ghost, grab, onClickCapture } = useDrag({ root, scroller, locate, onDrop });
  const timed = blocks.filter((one) => !one.lane && one.kind !== "off");
  const lanes = stacked(blocks.filter((one) => one.lane && one.till >= from && one.from < from + count), from, count);

  useLayoutEffect(() => {
    const starts = days.flatMap((day) => hours[(day + 3) % 7].map(([opens]) => opens));
    timed.forEach((one) => starts.push(one.from < from ? 0 : one.at % DAY));
    const earliest = Math.max(0, Math.min(...starts, 9 * 60) - 30);
    scroller.current.scrollTop = (earliest / DAY) * cols.current.offsetHeight;
  }, [anchor]);

  const hover = (e, day) => {
    const free = e.pointerType === "mouse" && !ghost && e.target === e.currentTarget;
    const at = free ? half(locate(e.clientX, e.clientY)) : null;
    if (at !== slot) setSlot(at);
  };
  const book = (e) => {
    if (e.target !== e.currentTarget) return;
    const at = half(locate(e.clientX, e.clientY));
    onBook(isoOf(Math.floor(at / DAY)), clockOf(at));
  };
  const tall = (minutes) => `calc(var(--hour) * ${minutes / 60})`;
  const event = (one) => {
    const style = { top: tall(one.begins), height: tall(one.ends - one.begins), left: `${one.left}%`, width: `${one.wide}%` };
    const small = one.ends - one.begins < 40;
    const inner = [
      h("b", { key: "t" }, one.title),
      h("span", { key: "s" }, one.sub),
      one.open && one.last ? h("i", { key: "r", className: "rz", "aria-hidden": true }) : null,
    ];
    const classes = `cb ${one.tone}${small ? " small" : ""}${one.id === selected ? " sel" : ""}${ghost?.block.id === one.id ? " away" : ""}`;
    const key = `${one.id}${one.begins}`;
    if (one.still) return h("div", { key, className: classes, style, title: one.label }, inner);
    return h("button", {
      key, type: "button", className: classes, style, "aria-label": one.label, "data-id": one.id, "data-at": one.at,
      onClick: () => onOpen(one.id), ...grab(one),
    }, inner);
  };
  const shade = (day) => {
    const open = hours[(day + 3) % 7];
    const edges = [0, ...open.flat(), DAY];
    const shut = [];
    for (let n = 0; n < edges.length; n += 2) {
      if (edges[n] < edges[n + 1]) {
        shut.push(h("div", { key: `s${n}`, className: "shut", style: { top: tall(edges[n]), height: tall(edges[n + 1] - edges[n]) } }));
      }
    }
    const off = blocks.filter((one) => one.kind === "off" && one.from <= day && one.till >= day).map((one) => {
      const [a, b] = [Math.max(one.at - day * DAY, 0), Math.min(one.to - day * DAY, DAY)];
      return h("div", { key: one.id, className: "off", style: { top: tall(a), height: tall(b - a) } }, one.lane ? null : one.title);
    });
    return [...shut, ...off];
  };
  const moving = (day) => {
    if (!ghost || ghost.block.lane) return null;
    const to = ghost.at + ghost.len;
    const [a, b] = [Math.max(ghost.at - day * DAY, 0), Math.min(to - day * DAY, DAY)];
    if (a >= b) return null;
    const others = inTheWay(blocks, ghost.block.id, ghost.at, to);
    return h("div", { key: "ghost", className: `cb ghost ${ghost.block.tone}${others.length ? " clash" : ""}`, style: { top: tall(a), height: tall(b - a), left: 0, width: "100%" } },
      h("b", null, `${said(ghost.at, twelve)} to ${said(to, twelve)}`),
      h("span", null, others.length ? `In the way: ${others[0]}` : ghost.block.title));
  };
  const column = (day) => h(
    "div",
    { key: day, className: `gcol${day === today ? " today" : ""}`, role: "group", "aria-label": longDay(day), onClick: book, onPointerMove: (e) => hover(e, day), onPointerLeave: () => setSlot(null) },
    shade(day),
    beside(timed, day).map(event),
    slot !== null && Math.floor(slot / DAY) === day && !ghost ? h("div", { className: "gslot", style: { top: tall(slot % DAY), height: tall(30) } }, `+ ${said(slot, twelve)}`) : null,
    moving(day),
    day === today ? h("div", { className: "nowl", style: { top: tall(nowAt % DAY) } }) : null,
  );
  const head = (day) => h("button", {
    key: day, type: "button", className: day === today ? "gd today" : "gd", "aria-label": longDay(day), "aria-current": day === today ? "date" : undefined, onClick: () => onDay(isoOf(day)),
  }, `${weekday(day)} `, h("b", null, Number(isoOf(day).slice(8))));
  const across = (one) => {
    const gone = ghost?.block.id === one.id ? ghost.at - one.at : 0;
    const left = Math.max(one.from + gone / DAY - from, 0);
    const right = Math.min(one.till + gone / DAY - from, count - 1);
    const place = { gridRow: one.row + 1, gridColumn: `${left + 2} / ${right + 3}` };
    const props = { key: one.id, className: `cb lane ${one.tone}`, style: place, title: one.label };
    if (right < 0 || left >= count) return null;
    if (one.still) return h("div", props, h("b", null, one.title));
    return h("button", { ...props, type: "button", "aria-label": one.label, "data-id": one.id, "data-at": one.at, onClick: () => onOpen(one.id), ...grab(one, { days: true }) }, h("b", null, one.title));
  };
  return h("div", { ref: scroller, className: "gs", tabIndex: 0, role: "region", "aria-label": "Hours", style: { "--days": count }, onClickCapture },
    h("div", { className: "gh" },
      h("span", { className: "gz", title: zone.name }, zone.short),
      days.map(head),
      lanes.length ? h("div", { className: "gla" }, h("span", { className: "gz" }, "all day"), lanes.map(across)) : null),
    h("div", { className: "gb" },
      h("div", { className: "gt", "aria-hidden": true },
        Array.from({ length: 23 }, (_, n) => h("span", { key: n, style: { top: tall((n + 1) * 60) } }, twelve ? said((n + 1) * 60, true).replace(":00", "") : `${n + 1}:00`)),
        today >= from && today < from + count ? h("i", { style: { top: tall(nowAt % DAY) } }) : null),
      h("div", { ref: cols, className: "gc" }, days.map(column))));
}

const half = (at) => Math.floor(at / 30) * 30;

/** The parts of blocks that fall on a day, those that overlap beside one another. */
function beside(blocks, day) {
  const parts = blocks.filter((one) => one.at < (day + 1) * DAY && one.to > day * DAY).map((one) => ({
    ...one, begins: Math.max(one.at - day * DAY, 0), ends: Math.min(Math.max(one.to, one.at + 15) - day * DAY, DAY), last: one.to <= (day + 1) * DAY,
  })).sort((a, b) => a.begins - b.begins || b.ends - a.ends);
  let cluster = [];
  let until = 0;
  const close = () => {
    const wide = Math.max(0, ...cluster.map((one) => one.side + 1));
    cluster.forEach((one) => {
      const right = cluster.filter((other) => other.side > one.side && other.begins < one.ends && other.ends > one.begins);
      one.left = (one.side * 100) / wide;
      one.wide = ((Math.min(wide, ...right.map((other) => other.side)) - one.side) * 100) / wide;
    });
    cluster = [];
    until = 0;
  };
  for (const one of parts) {
    if (one.begins >= until) close();
    const taken = new Set(cluster.filter((other) => other.ends > one.begins).map((other) => other.side));
    one.side = 0;
    while (taken.has(one.side)) one.side += 1;
    cluster.push(one);
    until = Math.max(until, one.ends);
  }
  close();
  return parts;
}

/** Blocks of whole days, each with the `row` in which nothing else stands on its days. */
export function stacked(blocks, from, count) {
  const rows = [];
  return [...blocks].sort((a, b) => a.from - b.from || b.till - a.till).map((one) => {
    const free = (row) => row.every((other) => other.till < one.from || other.from > one.till);
    let row = rows.findIndex(free);
    if (row < 0) row = rows.push([]) - 1;
    rows[row].push(one);
    return { ...one, row };
  });
}
