// What the two grids of the calendar share: wall clocks without zones, and a drag by mouse or finger.
import { useEffect, useRef, useState } from "react";

export const DAY = 1440; // minutes
const STEP = 15;
const REST = 350; // ms a finger rests before it drags; moved sooner, it scrolls

/** Days since 1970 of an ISO date or time. Wall clocks are counted as UTC, so that the browser's own zone never matters. */
export const dayOf = (iso) => Math.floor(Date.parse(`${iso.slice(0, 10)}T00:00Z`) / 864e5);
export const isoOf = (day) => new Date(day * 864e5).toISOString().slice(0, 10);
export const minuteOf = (iso) => dayOf(iso) * DAY + Number(iso.slice(11, 13) || 0) * 60 + Number(iso.slice(14, 16) || 0);
export const clockOf = (at) => new Date((at % DAY) * 6e4).toISOString().slice(11, 16);
const NAMES = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
export const weekday = (day) => NAMES.format(day * 864e5);
export const longDay = (day) => LONG.format(day * 864e5).replace(",", "");

/** `9:30`, or `9:30 AM` where clocks have twelve hours. */
export function said(at, twelve) {
  const minute = ((at % DAY) + DAY) % DAY;
  const hour = Math.floor(minute / 60);
  const rest = String(minute % 60).padStart(2, "0");
  return twelve ? `${hour % 12 || 12}:${rest} ${hour < 12 ? "AM" : "PM"}` : `${hour}:${rest}`;
}

/** A block as the grids count: `at` and `to` in minutes since 1970, `from` and `till` its first and last day. */
export function placed(block, moved) {
  const at = moved?.at ?? minuteOf(block.starts);
  const len = moved?.len ?? block.minutes;
  const was = minuteOf(block.starts);
  const to = block.lane ? minuteOf(block.ends) + (at - was) : at + len;
  return { ...block, at, len, to, from: Math.floor(at / DAY), till: Math.floor((Math.max(to, at + 1) - 1) / DAY) };
}

/** What would be in the way at [at, to): titles. Time off and what is only proposed is not. */
export function inTheWay(blocks, id, at, to) {
  return blocks.filter((one) => one.id !== id && one.blocks && one.at < to && one.to > at).map((one) => one.title);
}

/** The minute of now, from what the server said it was when the page read. */
export function useNow(now) {
  const base = useRef({ said: now, since: performance.now() });
  const [, redraw] = useState(0);
  if (base.current.said !== now) base.current = { said: now, since: performance.now() };
  useEffect(() => {
    const timer = setInterval(() => redraw((n) => n + 1), 30000);
    return () => clearInterval(timer);
  }, []);
  return minuteOf(now) + Math.floor((performance.now() - base.current.since) / 6e4);
}

/** One drag at a time. `locate(x, y)` gives the minute under the pointer; `onDrop(block, at, len)` is told where it went.
 * Gives the ghost ({block, at, len}) and what a block's own handlers are made of. Escape gives up. */
export function useDrag({ root, scroller, locate, onDrop }) {
  const [ghost, setGhost] = useState(null);
  const held = useRef(null);
  const latest = useRef({});
  latest.current = { locate, onDrop };
  const begin = useRef(null);
  const quiet = useRef(false); // the click that ends a drag is none

  useEffect(() => {
    const stop = () => {
      clearTimeout(held.current?.timer);
      cancelAnimationFrame(held.current?.frame ?? 0);
      held.current = null;
      setGhost(null);
    };
    const show = () => {
      const next = target(held.current, latest.current.locate);
      setGhost((g) => (g && g.at === next.at && g.len === next.len ? g : next));
    };
    const glide = () => {
      const d = held.current;
      const box = scroller?.current?.getBoundingClientRect();
      if (!d?.live || !box) return;
      const edge = d.py < box.top + 72 ? -8 : d.py > box.bottom - 32 ? 8 : 0;
      if (edge && !d.days) {
        scroller.current.scrollTop += edge;
        show();
      }
      d.frame = requestAnimationFrame(glide);
    };
    const start = () => {
      held.current.live = true;
      show();
      glide();
    };
    begin.current = (d) => {
      stop();
      held.current = d;
      if (d.touch) d.timer = setTimeout(start, REST);
    };
    const move = (e) => {
      const d = held.current;
      if (!d || e.pointerId !== d.pointer) return;
      d.px = e.clientX;
      d.py = e.clientY;
      const far = Math.hypot(d.px - d.x, d.py - d.y);
      if (d.live) show();
      else if (d.touch && far > 8) stop();
      else if (!d.touch && far > 4) start();
    };
    const up = (e) => {
      const d = held.current;
      if (!d || e.pointerId !== d.pointer) return;
      const next = d.live ? target(d, latest.current.locate) : null;
      stop();
      if (!next) return;
      quiet.current = true;
      setTimeout(() => { quiet.current = false; }, 0);
      if (next.at !== d.block.at || next.len !== d.block.len) latest.current.onDrop(d.block, next.at, next.len);
    };
    const key = (e) => {
      if (e.key !== "Escape" || !held.current?.live) return;
      e.stopPropagation();
      e.preventDefault();
      stop();
    };
    const still = (e) => { if (held.current?.live && e.cancelable) e.preventDefault(); };
    const el = root.current;
    const listening = [
      [el, "touchmove", still, { passive: false }], [window, "pointermove", move], [window, "pointerup", up], [window, "pointercancel", stop],
      [window, "keydown", key, true],
    ];
    listening.forEach(([on, name, then, how]) => on.addEventListener(name, then, how));
    return () => {
      stop();
      listening.forEach(([on, name, then, how]) => on.removeEventListener(name, then, how));
    };
  }, []);

  const grab = (block, { days = false } = {}) => ({
    onPointerDown: (e) => {
      if (!block.open || e.button !== 0) return;
      const resize = e.target.closest(".rz") !== null;
      const from = latest.current.locate(e.clientX, e.clientY);
      const at = { x: e.clientX, y: e.clientY, px: e.clientX, py: e.clientY };
      begin.current({ block, days, resize, from, ...at, touch: e.pointerType === "touch", pointer: e.pointerId });
    },
    onContextMenu: (e) => { if (held.current?.touch) e.preventDefault(); },
  });
  const onClickCapture = (e) => { if (quiet.current) { e.stopPropagation(); e.preventDefault(); } };
  return { ghost, grab, onClickCapture };
}

function target(d, locate) {
  const here = locate(d.px, d.py);
  const { block } = d;
  if (d.days) return { block, at: block.at + (Math.floor(here / DAY) - Math.floor(d.from / DAY)) * DAY, len: block.len };
  const delta = here - d.from;
  const near = (minute) => Math.round(minute / STEP) * STEP;
  if (!d.resize) return { block, at: near(block.at + delta), len: block.len };
  return { block, at: block.at, len: Math.max(STEP, near(block.at + block.len + delta) - block.at) };
}
