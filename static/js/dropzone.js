/**
 * Collects files and whole folders, by choice or by drop, keeps their relative paths, and lists them.
 * The input of the form carries the files; one hidden input for each file, in the same order, carries its path.
 */

export function dropzone(zone) {
  const input = zone.querySelector("input[type=file]");
  const chosen = new Map();

  zone.dataset.enhanced = "";
  zone.querySelector("[data-controls]").hidden = false;
  zone.querySelector("[data-choose=files]").addEventListener("click", () => input.click());
  zone.querySelector("[data-choose=folder]").addEventListener("click", () => chooseFolder(add));
  input.addEventListener("change", () => add([...input.files].map((file) => ({ file, path: file.name }))));

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.dataset.state = "over";
  });
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) delete zone.dataset.state;
  });
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    delete zone.dataset.state;
    add(await dropped(event.dataTransfer));
  });

  /** A file with a path already chosen replaces the earlier one. */
  function add(files) {
    for (const { file, path } of files) chosen.set(path, file);
    show();
  }

  function show() {
    const sorted = [...chosen].sort(([a], [b]) => (a < b ? -1 : 1));
    const transfer = new DataTransfer();
    for (const [, file] of sorted) transfer.items.add(file);
    input.files = transfer.files;
    writePaths(zone, sorted.map(([path]) => path));
    const list = zone.querySelector("[data-list]");
    list.replaceChildren(...sorted.map(([path, file]) => line(path, file)));
    list.hidden = sorted.length === 0;
    zone.querySelector("[data-total]").textContent = total(sorted.map(([, file]) => file));
  }

  function line(path, file) {
    const item = zone.querySelector("template").content.cloneNode(true);
    item.querySelector(".name").textContent = path;
    item.querySelector(".size").textContent = size(file.size);
    item.querySelector("button span").textContent = `Remove ${path}`;
    item.querySelector("button").addEventListener("click", () => {
      chosen.delete(path);
      show();
      (zone.querySelector("[data-list] button") ?? zone.querySelector("[data-choose]")).focus();
    });
    return item;
  }
}

function writePaths(zone, paths) {
  zone.querySelectorAll("input[data-path]").forEach((old) => old.remove());
  for (const path of paths) {
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: zone.dataset.pathName, value: path });
    hidden.dataset.path = "";
    zone.append(hidden);
  }
}

function chooseFolder(add) {
  const picker = document.createElement("input");
  Object.assign(picker, { type: "file", webkitdirectory: true });
  picker.addEventListener("change", () =>
    add([...picker.files].map((file) => ({ file, path: withoutTop(file.webkitRelativePath) }))),
  );
  picker.click();
}

/** Entries must be taken from the drop before the first pause; the browser empties it afterwards. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const alone = entries.length === 1 && entries[0].isDirectory;
  const files = (await Promise.all(entries.map(walk))).flat();
  return alone ? files.map(({ file, path }) => ({ file, path: withoutTop(path) })) : files;
}

async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) return [{ file: await new Promise((done, fail) => entry.file(done, fail)), path }];
  const children = await readAll(entry.createReader());
  return (await Promise.all(children.map(walk))).flat();
}

/** A reader gives its entries in portions, and an empty one at the end. */
async function readAll(reader) {
  const all = [];
  for (;;) {
    const portion = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (portion.length === 0) return all;
    all.push(...portion);
  }
}

/** The name of a folder chosen as a whole says where it lay, not what is in it. */
function withoutTop(path) {
  return path.split("/").slice(1).join("/") || path;
}

function total(files) {
  if (files.length === 0) return "";
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  return `${files.length} ${files.length === 1 ? "file" : "files"}, ${size(bytes)}`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const units = ["kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}
