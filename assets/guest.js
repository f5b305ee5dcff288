// Sign-in and registration work without this. It guesses the time zone, shows the password on request, and stops double clicks.
const here = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
for (const input of document.querySelectorAll("[data-zone-guess]")) input.value = here;
for (const link of document.querySelectorAll("[data-zone-link]")) link.href = `${link.pathname}?time_zone=${encodeURIComponent(here)}`;
const zone = document.querySelector("[data-zone]");
if (zone && !zone.querySelector("[aria-invalid]")) {
  const list = zone.querySelector("select");
  const known = [...list.options].some((option) => option.value === here);
  if (known && list.value === "UTC") list.value = here;
  const say = () => {
    zone.querySelector("[data-zone-words]").textContent = `${list.value.split("/").pop().replaceAll("_", " ")} time`;
  };
  list.addEventListener("change", say);
  say();
  zone.open = false;
}
for (const button of document.querySelectorAll("[data-peek]")) {
  const input = document.getElementById(button.dataset.peek);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.setAttribute("aria-label", shown ? "Hide the password" : "Show the password");
  });
}
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button[type=submit]");
    if (button.getAttribute("aria-busy") === "true") event.preventDefault();
    else button.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
