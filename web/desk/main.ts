import { mount } from "svelte";
import { followLinks } from "./address.svelte";
import App from "./App.svelte";
import "./desk.css";

followLinks();
const target = document.getElementById("desk");
if (target) {
  target.replaceChildren();
  mount(App, { target });
}
