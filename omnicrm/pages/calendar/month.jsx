// A month: on a desktop with its sessions, which can be dragged to another day; on a phone with a dot for each.
import { createElement as h, useLayoutEffect, useRef, useState } from "react";
import { DAY, dayOf, isoOf, longDay, said, useDrag, useNow, weekday } from "./drag.jsx";

const LINE = 23; // px, as in calendar.css
const counted = (n) => (n === 0 ? "nothing booked" : `${n} booked`);

export function Month({ root, first, count, blocks, month, day: chosen, now, hours, selected, twelve, phone, onOpen, onBook, onDay, onDrop }) {
  const body = useRef(null);
  const [fits, setFits] = useState(3); // lines that a day has room for
  const from = dayOf(first);
  const weeks = Array.from({ length: count / 7 }, (_, n) => from + n * 7);
  const today = Math.floor(useNow(now) / DAY);
  const locate = (x, y) => {
    const box = body.current.getBoundingClientRect();
    const within = (value, most) => Math.min(most - 1, Math.max(0, Math.floor(value * most)));
    return (from + within((y - box.top) / box.height, weeks.length) * 7 + within((x - box.left) / box.width, 7)) * DAY;
  };
  const { ghost, grab, onClickCapture } = useDrag({ root, locate, onDrop });
  useLayoutEffect(() => {
    const look = () => setFits(Math.max(2, Math.floor((body.current.clientHeight / weeks.length - 34) / LINE)));
    const watch = new ResizeObserver(look);
    watch.observe(body.current);
    return () => watch.disconnect();
  }, [weeks.length]);

  const standing = blocks.map((one) => (ghost?.block.id === one.id ? shifted(one, ghost.at - one.at) : one));
  const on = (day) => standing.filter((one) => one.from <= day && one.till >= day);
  const booked = (day) => on(day).filter((one) => !one.still).length;
  const outside = (day) => isoOf(day).slice(0, 7) !== month;
  const classes = (day) => `${outside(day) ? " out" : ""}${day === today ? " today" : ""}${isoOf(day) === chosen ? " on" : ""}`;
  const names = h("div", { className: "mh", "aria-hidden": true }, weeks.length ? Array.from({ length: 7 }, (_, n) => h("span", { key: n }, weekday(from + n))) : null);

  const dots = (day) => h("button", {
    key: day, type: "button", className: `mday${classes(day)}`, "aria-label": `${longDay(day)}, ${counted(booked(day))}`, "aria-pressed": isoOf(day) === chosen,
    "aria-current": day === today ? "date" : undefined, onClick: () => onDay(isoOf(day)),
  }, h("b", null, Number(isoOf(day).slice(8))), h("i", null, on(day).filter((one) => !one.still).slice(0, 4).map((one) => h("u", { key: one.id, className: one.tone }))));

  const line = (one, week, row) => {
    const [left, right] = [Math.max(one.from - week, 0), Math.min(one.till - week, 6)];
    const wide = one.lane || one.till > one.from;
    const props = {
      key: `${one.id}${week}`, style: { gridRow: row + 2, gridColumn: `${left + 1} / ${right + 2}` }, title: one.label,
      className: `cb ml ${one.tone}${wide ? " lane" : ""}${one.id === selected ? " sel" : ""}${ghost?.block.id === one.id ? " ghost" : ""}`,
    };
    const inner = [wide ? null : h("span", { key: "at" }, said(one.at, twelve)), h("b", { key: "t" }, one.title)];
    if (one.still) return h("div", props, inner);
    return h("button", { ...props, type: "button", "aria-label": one.label, "data-id": one.id, "data-at": one.at, onClick: () => onOpen(one.id), ...grab(one, { days: true }) }, inner);
  };
  const cell = (day, n) => h("div", {
    key: day, className: `mc${classes(day)}${hours[(day + 3) % 7].length ? "" : " shut"}${on(day).some((one) => one.kind === "off" && one.lane) ? " off" : ""}`, style: { gridColumn: n + 1 },
    onClick: (e) => { if (e.target === e.currentTarget) onBook(isoOf(day), ""); },
  }, h("button", { type: "button", className: "mn", "aria-label": `${longDay(day)}, ${counted(booked(day))}`, "aria-current": day === today ? "date" : undefined, onClick: () => onDay(isoOf(day)) }, Number(isoOf(day).slice(8))));

  const week = (begins) => {
    const days = Array.from({ length: 7 }, (_, n) => begins + n);
    if (phone) return h("div", { key: begins, className: "mw" }, days.map(dots));
    const rows = rowed(standing.filter((one) => one.till >= begins && one.from < begins + 7), begins);
    const crowded = (day) => Math.max(-1, ...rows.filter((one) => one.from <= day && one.till >= day).map((one) => one.row)) >= fits;
    const last = (one) => days.some((day) => one.from <= day && one.till >= day && crowded(day)) ? fits - 1 : fits;
    const seen = rows.filter((one) => one.row < last(one));
    const more = days.filter(crowded).map((day) => {
      const hidden = rows.filter((one) => one.from <= day && one.till >= day && one.row >= last(one)).length;
      return h("button", { key: `more${day}`, type: "button", className: "mmore", style: { gridRow: fits + 1, gridColumn: day - begins + 1 }, "aria-label": `${hidden} more on ${longDay(day)}`, onClick: () => onDay(isoOf(day)) }, `${hidden} more`);
    });
    return h("div", { key: begins, className: "mw", style: { gridTemplateRows: `32px repeat(${fits}, ${LINE}px) minmax(0, 1fr)` } }, days.map(cell), seen.map((one) => line(one, begins, one.row)), more);
  };
  return h("div", { className: "cmon", onClickCapture }, names, h("div", { ref: body, className: "mb" }, weeks.map(week)));
}

function shifted(one, by) {
  return { ...one, at: one.at + by, to: one.to + by, from: one.from + by / DAY, till: one.till + by / DAY };
}

/** The blocks of a week with the `row` each stands in: what lasts several days first, then by time. */
function rowed(blocks, begins) {
  const rows = [];
  const order = [...blocks].sort((a, b) => (b.till > b.from || b.lane) - (a.till > a.from || a.lane) || a.at - b.at);
  return order.map((one) => {
    const days = [Math.max(one.from, begins), Math.min(one.till, begins + 6)];
    const free = (taken) => { for (let day = days[0]; day <= days[1]; day += 1) if (taken.has(day)) return false; return true; };
    let row = rows.findIndex(free);
    if (row < 0) row = rows.push(new Set()) - 1;
    for (let day = days[0]; day <= days[1]; day += 1) rows[row].add(day);
    return { ...one, row };
  });
}
