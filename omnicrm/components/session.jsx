// Leaving the application: by loading another page, past the router, so that the socket ends with it.
import { useEffect } from "react";

export function Leave({ to }) {
  useEffect(() => { window.location.replace(to); }, [to]);
  return null;
}
