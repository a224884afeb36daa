/** Binds each element that names a behavior to the module that has it, now and after every htmx swap. */

import { autosave } from "./autosave.js";
import { centered } from "./centered.js";
import { copy } from "./copy.js";
import { dropzone } from "./dropzone.js";
import { errors } from "./errors.js";
import { localtime } from "./localtime.js";
import { passkey } from "./passkey.js";
import { search } from "./search.js";

const behaviors = { autosave, centered, copy, dropzone, errors, localtime, passkey, search };
const bound = new WeakSet();

function bind(root) {
  const inside = root.querySelectorAll("[data-behavior]");
  for (const element of root.matches?.("[data-behavior]") ? [root, ...inside] : inside) {
    if (bound.has(element)) continue;
    bound.add(element);
    behaviors[element.dataset.behavior]?.(element);
  }
}

bind(document);
document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
