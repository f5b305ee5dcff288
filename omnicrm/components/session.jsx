// Where a page meets the login: leaving it, really posting a form, and hearing that something changed elsewhere.
import { createElement as h, useEffect, useRef } from "react";

/** Goes to `to` by loading it, past the router: the server renders that page, and the socket ends. */
export function Leave({ to }) {
  useEffect(() => { window.location.replace(to); }, [to]);
  return null;
}

/** A form that the browser itself sends; Reflex's own prevents that. */
export function PostForm({ action, className, children }) {
  return h("form", { method: "post", action, className }, children);
}

/** Calls `onChange` when `value` grows after the page has loaded: the page then reads its data again. */
export function Live({ value, onChange }) {
  const seen = useRef(value);
  useEffect(() => {
    if (value > seen.current) onChange();
    seen.current = value;
  }, [value]);
  return null;
}
