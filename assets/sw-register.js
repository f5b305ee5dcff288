// A reload alone does not fetch a new worker in time: ask at load, when the page is shown again, and every hour.
if ("serviceWorker" in navigator) {
  addEventListener("load", async () => {
    try {
      const registration = await navigator.serviceWorker.register("/sw.js");
      const update = () => registration.update().catch(() => {});
      update();
      document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && update());
      setInterval(update, 3600000);
    } catch {
      // Plain http on another host, or switched off: the pages work without it.
    }
  });
}
