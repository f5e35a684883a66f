// Looks at the mails that `userhub mail preview` wrote, as a mail program on a phone shows them, by
// day and by night: nothing is cut off, loaded or hard to read.
//
//   node mail_preview.js DIRECTORY [--picture FILE]     ... and shows all of them in one picture

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { launch, overflow } from "./browser.js";

const directory = process.argv[2];
const picture = process.argv[3] === "--picture" ? process.argv[4] : undefined;
const names = (await readdir(directory)).filter((name) => name.endsWith(".html")).sort();
assert.equal(names.length, 12, "the mails");

/** The least contrast between a text and what it stands on (WCAG 2.2), in the page. */
function leastContrast() {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return channels(colour)[3] === 0 ? ground(element.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll("h1, p, a")];
  return Math.min(
    ...texts.map((element) => {
      const [low, high] = [getComputedStyle(element).color, ground(element)]
        .map(luminance)
        .sort((one, other) => one - other);
      return (high + 0.05) / (low + 0.05);
    }),
  );
}

/** What somebody might be called, so that a line holds no blank. */
function makeLong() {
  const last = document.querySelector(".card").lastElementChild;
  last.textContent = last.textContent.replace("ann@example.org", `${"ann".repeat(20)}@example.org`);
}

async function lookAt(browser, colorScheme) {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, colorScheme });
  const complaints = [];
  const page = await context.newPage();
  page.on("request", (request) => complaints.push(request.url()));
  const shots = [];
  for (const name of names) {
    await page.setContent(await readFile(path.join(directory, name), "utf8"));
    assert.ok((await page.evaluate(leastContrast)) >= 4.5, `${name}, ${colorScheme}: contrast`);
    shots.push(await page.screenshot({ fullPage: true }));
    await page.evaluate(makeLong);
    assert.equal(await overflow(page), 0, `${name}, ${colorScheme}: wider than a phone`);
  }
  assert.deepEqual(complaints, [], "mails load nothing");
  return shots;
}

/** Half of them by day and half by night, reduced, and in few colours: the file is to stay small. */
async function takePicture(browser, shots, file) {
  const page = await browser.newPage({ viewport: { width: 920, height: 600 } });
  const images = shots.map((shot) => `<img src="data:image/png;base64,${shot.toString("base64")}">`);
  await page.setContent(`<style>
    body { margin: 0; display: grid; grid-template-columns: repeat(6, 1fr); background: #888; gap: 4px; }
    img { width: 100%; }
  </style>${images.join("")}`);
  const whole = await page.screenshot({ fullPage: true });
  const reduced = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, image.width, image.height);
    pixels.data.forEach((value, index) => {
      pixels.data[index] = Math.round(value / 17) * 17;
    });
    context.putImageData(pixels, 0, 0);
    const blob = await canvas.convertToBlob({ type: "image/png" });
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, `data:image/png;base64,${whole.toString("base64")}`);
  await writeFile(file, Buffer.from(reduced));
}

const browser = await launch();
try {
  const byDay = await lookAt(browser, "light");
  const byNight = await lookAt(browser, "dark");
  if (picture !== undefined) {
    await takePicture(browser, [...byDay.slice(0, 6), ...byNight.slice(6)], picture);
  }
} finally {
  await browser.close();
}
console.log(`Browser: ${names.length} mails fit a phone and can be read, by day and by night`);
