// What the browser tests share: programs that they start, the browser, and the count of tests.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const counts = { passed: 0, failed: 0 };
const only = process.env.VESTIBULE_BROWSER_ONLY;

/** Runs one test; a failure is told and counted, and the next one runs. */
export async function test(name, run) {
  if (only && !name.includes(only)) return;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("not done within a minute")), 60_000);
  });
  try {
    await Promise.race([run(), late]);
    counts.passed += 1;
    console.log(`ok   ${name}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL ${name}\n     ${String(error.stack ?? error).replaceAll("\n", "\n     ")}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Prints the counts as the last line, as scripts/test reads them. */
export function finish() {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

export function expect(condition, what) {
  if (!condition) throw new Error(what);
}
export function equal(found, expected, what = "value") {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what} is ${left}, not ${right}`);
}

/** Starts a program and resolves, once it has printed the last of `keys`, with its KEY=value lines. */
export function startProgram(command, args, keys, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const values = {};
    let rest = "";
    child.stdout.on("data", (bytes) => {
      rest += bytes;
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const equals = line.indexOf("=");
        if (equals > 0) values[line.slice(0, equals)] = line.slice(equals + 1).replace(/^'(.*)'$/, "$1");
      }
      if (keys.every((key) => key in values)) resolve({ values, stop });
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
    function stop() {
      return new Promise((ended) => {
        if (child.exitCode !== null) return ended();
        child.on("exit", ended);
        child.kill("SIGTERM");
      });
    }
  });
}

/** A little server that notes the addresses it is asked for: where people are sent back to. */
export async function startListener(answer) {
  const seen = [];
  const server = createServer((request, response) => {
    if (request.url === "/favicon.ico") return response.writeHead(404).end();
    seen.push(request.url);
    if (answer && answer(request, response)) return;
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end("<!doctype html><title>Back</title><h1>Back at the gateway</h1>");
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    stop: () => new Promise((ended) => { server.close(ended); server.closeAllConnections(); }),
  };
}

/** Debian's Chromium. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.VESTIBULE_CHROMIUM ?? "/usr/bin/chromium",
    // A test machine's root has no user namespaces; pages come from this machine alone.
    args: ["--no-sandbox", "--disable-gpu"],
  });
}

/** Calls `use` with a page of a fresh context, which fails the test when the page logs an error. */
export async function withPage(browser, options, use) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // An answer of 4xx is not an error of the page.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      errors.push(message.text());
    }
  });
  try {
    await use(page, errors);
    equal(errors, [], "what the browser complains about");
  } finally {
    await context.close();
  }
}

/** Every rule that axe-core has, but for those about whole sites. */
export async function accessible(page, what) {
  // By the debugger, since the page's policy lets nobody add a script.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const told = violations.map(({ id, nodes }) =>
    `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join("\n")}`);
  expect(told.length === 0, `${what}:\n${told.join("\n")}`);
}

/** True when nothing sticks out at the side. */
export async function fits(page, what) {
  const { wide, out } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return {
      wide: document.documentElement.scrollWidth - width,
      out: [...document.body.querySelectorAll("*")]
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => element.outerHTML.slice(0, 80)),
    };
  });
  expect(wide <= 0, `${what} is ${wide}px too wide: ${out.join("\n")}`);
}

/** Writes a picture to the folder of VESTIBULE_SCREENSHOTS, where that is set. */
export async function picture(page, name) {
  const folder = process.env.VESTIBULE_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
