// How the pages look and behave, from data alone (prompt_gallery).
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  accessible, equal, expect, fits, picture, root, startListener, startProgram, test, withPage,
} from "./harness.mjs";

const preset = process.env.VESTIBULE_PRESET ?? "dev";

const forms = ["full", "long", "foreign", "consent", "password", "username", "known", "many"];
const outcomes = ["done", "declined", "expired", "refused", "busy", "malformed"];

export async function testPages(browser) {
  const themes = mkdtempSync(join(tmpdir(), "vestibule-themes-"));
  mkdirSync(join(themes, "acme"));
  writeFileSync(join(themes, "acme", "style.css"), "h1 { color: rgb(1, 2, 3); }");
  writeFileSync(join(themes, "acme", "text.de.json"), '{"texts": {"titleNew": "Willkommen bei Acme"}}');
  const gallery = await startProgram(`${root}/build/${preset}/tests/prompt_gallery`, [themes], ["GALLERY_PORT"]);
  const origin = `http://127.0.0.1:${gallery.values.GALLERY_PORT}`;
  try {
    await testLooks(browser, origin);
    await testBehaviour(browser, origin);
    await testReturn(browser, origin);
  } finally {
    await gallery.stop();
    rmSync(themes, { recursive: true });
  }
}

const looks = [
  { size: "narrow", viewport: { width: 320, height: 700 }, colorScheme: "dark", locale: "de-DE" },
  { size: "wide", viewport: { width: 1280, height: 900 }, colorScheme: "light", locale: "en-GB" },
];
// For those who want to look at them; the rules say the same about all of them.
const moreLooks = [
  { size: "narrow", viewport: { width: 320, height: 700 }, colorScheme: "light", locale: "en-GB" },
  { size: "wide", viewport: { width: 1280, height: 900 }, colorScheme: "dark", locale: "de-DE" },
];

async function testLooks(browser, origin) {
  const paths = [
    ...forms.flatMap((form) => [`provision/${form}`, `provision/${form}?problems=1`]),
    ...outcomes.map((outcome) => `outcome/${outcome}`),
  ];
  for (const look of process.env.VESTIBULE_SCREENSHOTS ? [...looks, ...moreLooks] : looks) {
    const { size, ...options } = look;
    const language = options.locale.slice(0, 2);
    for (const path of paths) {
      const name = [path.replace(/^.*\//, "").replace("?problems=1", "-problems"), size, options.colorScheme, language].join("-");
      await test(`${name} is accessible and fits`, () =>
        withPage(browser, options, async (page) => {
          await page.goto(`${origin}/${path}`);
          equal(await page.locator("html").getAttribute("lang"), language, "lang");
          await accessible(page, name);
          await fits(page, name);
          await picture(page, name);
        }));
    }
  }
}

async function fillIn(page) {
  await page.getByLabel("User name").fill("grace.hopper");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByLabel("Password again").fill("correct horse battery");
  await page.getByLabel("Display name").fill("Grace & <Hopper>");
  await page.getByLabel("Phone (mobile)").fill("+49 30 1234567");
  await page.getByLabel("Work station").selectOption("door");
  await page.getByLabel("Is contractor").selectOption("No");
  await page.getByLabel("Floor").fill("3");
  await page.getByLabel("Starts at").fill("2026-12-01T09:30");
  await page.getByLabel("I agree").check();
  await page.getByRole("group", { name: "Company directory" }).getByLabel("Name").check();
}

async function testBehaviour(browser, origin) {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
    await test(`a form sends exactly what was asked, ${how}`, () =>
      withPage(browser, { javaScriptEnabled }, async (page) => {
        await page.goto(`${origin}/provision/full`);
        await fillIn(page);
        await page.getByRole("button", { name: "Confirm and continue" }).click();
        await page.waitForLoadState();
        equal(JSON.parse(await page.locator("body").innerText()), {
          declined: false,
          userName: "grace.hopper",
          password: "correct horse battery",
          passwordConfirmation: "correct horse battery",
          attributes: {
            "displayName": "Grace & <Hopper>",
            'phoneNumbers[type eq "mobile"].value': "+49 30 1234567",
            "urn:example:params:User:workStation": "door",
            "urn:example:params:User:isContractor": "false",
            "urn:example:params:User:floor": "3",
            "urn:example:params:User:startsAt": "2026-12-01T09:30:00Z",
          },
          consents: { terms: [""], directory: ["name"], newsletter: [] },
        });
      }));

    await test(`a person declines without filling anything in, ${how}`, () =>
      withPage(browser, { javaScriptEnabled }, async (page) => {
        await page.goto(`${origin}/provision/full`);
        await page.getByRole("button", { name: "Cancel" }).click();
        await page.waitForLoadState();
        equal(JSON.parse(await page.locator("body").innerText()).declined, true);
      }));

    await test(`a refused answer comes back with its values, ${how}`, () =>
      withPage(browser, { javaScriptEnabled, locale: "de-DE" }, async (page) => {
        await page.goto(`${origin}/provision/full`);
        await page.getByLabel("Benutzername").fill("taken");
        await page.getByLabel("Anzeigename").fill("Grace");
        await page.getByRole("button", { name: "Bestätigen und weiter" }).click();
        await page.getByRole("alert").getByText("Bitte prüfen Sie Ihre Angaben").waitFor();
        equal(await page.getByLabel("Anzeigename").inputValue(), "Grace");
        equal(await page.title(), "Fehler: Konto einrichten");
        expect(await page.getByRole("alert").evaluate((node) => node === document.activeElement), "the summary has no focus");
        await page.getByRole("link", { name: "Der Benutzername ist vergeben" }).click();
        expect(await page.getByLabel("Benutzername").evaluate((node) => node === document.activeElement), "the field has no focus");
      }));
  }

  await test("the keyboard goes through all fields in the order of the page", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/full`);
      const order = [];
      for (let i = 0; i < 24; i += 1) {
        await page.keyboard.press("Tab");
        order.push(await page.evaluate(() => document.activeElement.name || document.activeElement.tagName));
      }
      const fields = order.filter((name) => !["SUMMARY", "BUTTON", "A", "BODY"].includes(name));
      equal([...new Set(fields)], [
        "userName", "password", "passwordConfirmation", "attribute:displayName",
        'attribute:phoneNumbers[type eq "mobile"].value', "attribute:urn:example:params:User:workStation",
        "attribute:urn:example:params:User:isContractor", "attribute:urn:example:params:User:floor",
        "attribute:urn:example:params:User:startsAt", "agree:terms:", "agree:directory:name",
        "agree:directory:emails", "agree:directory:phoneNumbers", "agree:newsletter:emails", "decision",
      ]);
    }));

  await test("a user name is checked while somebody types", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/full`);
      const name = page.getByLabel("User name");
      const status = page.locator("#user-name-status");
      await name.fill("grace");
      await status.getByText("This name is free.").waitFor();
      await name.fill("ada");
      await status.getByText("This name is taken.").waitFor();
      await accessible(page, "a taken name");
      await picture(page, "live-taken");
      await status.getByRole("button", { name: "Use “ada2”" }).click();
      equal(await name.inputValue(), "ada2");
      await status.getByText("This name is free.").waitFor();
      await name.fill("a b");
      await status.getByText("No <b>spaces</b>.").waitFor();
      equal(await status.locator("b").count(), 0, "elements of the policy's text");
      await name.fill("");
      await page.waitForFunction(() => document.getElementById("user-name-status").textContent === "");
    }));

  await test("one request asks about a name typed quickly", () =>
    withPage(browser, {}, async (page) => {
      const asked = [];
      page.on("request", (request) => {
        if (request.url().endsWith("/user-name")) asked.push(request.postDataJSON().userName);
      });
      await page.goto(`${origin}/provision/username`);
      const name = page.getByLabel("User name");
      await name.fill("");
      await name.pressSequentially("hopper");
      await page.locator("#user-name-status").getByText("This name is free.").waitFor();
      equal(asked, ["hopper"]);
    }));

  await test("passwords are compared and can be shown", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/full`);
      const password = page.getByLabel("Password", { exact: true });
      const again = page.getByLabel("Password again");
      await password.fill("short");
      await password.blur();
      await page.getByText("This password does not follow the rules.").waitFor();
      await password.fill("long enough for all");
      await again.fill("something else");
      await page.getByText("The two passwords differ.").waitFor();
      await picture(page, "live-passwords");
      await again.fill("long enough for all");
      await page.getByText("Both passwords are the same.").waitFor();
      await page.getByRole("button", { name: "Show password" }).click();
      equal(await password.getAttribute("type"), "text");
      await page.getByRole("button", { name: "Hide password" }).click();
      equal(await again.getAttribute("type"), "password");
    }));

  await test("a language is chosen by hand and kept", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/full`);
      await page.getByRole("link", { name: "Deutsch" }).click();
      await page.getByRole("heading", { name: "Konto einrichten" }).waitFor();
      await page.getByLabel("Benutzername").fill("taken");
      await page.getByRole("button", { name: "Bestätigen und weiter" }).click();
      await page.getByText("Bitte prüfen Sie Ihre Angaben").waitFor();
    }));

  await test("a theme's files stand over the standard ones", () =>
    withPage(browser, { locale: "de-DE" }, async (page) => {
      await page.goto(`${origin}/provision/full?theme=acme`);
      const heading = page.getByRole("heading", { name: "Willkommen bei Acme" });
      equal(await heading.evaluate((node) => getComputedStyle(node).color), "rgb(1, 2, 3)");
    }));

  await test("nothing that a claim holds is run", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/hostile`);
      await page.getByText("onerror").first().waitFor();
      equal(await page.title(), "Set up your account");
      equal(await page.locator("img").count(), 0);
    }));

  await test("an inline script would be stopped by the policy", () =>
    withPage(browser, {}, async (page, errors) => {
      await page.goto(`${origin}/provision/full`);
      await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
      });
      equal(await page.title(), "Set up your account");
      expect(errors.length === 1 && errors[0].includes("script-src"), `the complaint: ${errors}`);
      errors.length = 0;
    }));

  await test("no page can be framed", async () => {
    const framer = await startListener((request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end(`<!doctype html><title>x</title><iframe src="${origin}/provision/full"></iframe>`);
      return true;
    });
    try {
      await withPage(browser, {}, async (page, errors) => {
        await page.goto(framer.origin);
        await page.waitForLoadState("networkidle");
        const frame = page.frames()[1];
        const shown = frame ? await frame.locator("form").count().catch(() => 0) : 0;
        equal(shown, 0, "forms in the frame");
        errors.length = 0; // the browser says why
      });
    } finally {
      await framer.stop();
    }
  });

  await test("another site's form is refused", async () => {
    const other = await startListener((request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end(`<!doctype html><title>x</title><form method="post" action="${origin.replace("127.0.0.1", "localhost")}/provision/full">
        <input name="decision" value="decline"><input name="csrf" value="guess"><button>Go</button></form>`);
      return true;
    });
    try {
      await withPage(browser, {}, async (page) => {
        await page.goto(origin.replace("127.0.0.1", "localhost") + "/provision/full");
        await page.goto(other.origin);
        await page.getByRole("button").click();
        await page.getByRole("heading", { name: "Your answers did not arrive" }).waitFor();
      });
    } finally {
      await other.stop();
    }
  });

  await test("a page without its cookie is told so", () =>
    withPage(browser, {}, async (page) => {
      await page.goto(`${origin}/provision/username`);
      await page.context().clearCookies();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByRole("heading", { name: "Your answers did not arrive" }).waitFor();
      await page.getByRole("link", { name: "Try again" }).click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText('"userName":"grace"').waitFor();
    }));
}

/** How a browser gets from the answered form to the gateway, which may send it on to another origin. */
async function testReturn(browser, origin) {
  const application = await startListener();
  const gateway = await startListener((request, response) => {
    if (!request.url.startsWith("/on")) return false;
    response.writeHead(302, { Location: application.origin + "/app" }).end();
    return true;
  });
  try {
    for (const javaScriptEnabled of [true, false]) {
      await test(`the last page goes on to the gateway and further, ${javaScriptEnabled ? "with" : "without"} JavaScript`, () =>
        withPage(browser, { javaScriptEnabled }, async (page) => {
          await page.goto(`${origin}/outcome/done?return=${encodeURIComponent(gateway.origin + "/on?a=1&b=2")}`);
          await page.waitForURL(application.origin + "/app");
          equal(gateway.seen.at(-1), "/on?a=1&b=2");
        }));
    }

    await test("form-action lets an answer redirect to the gateway itself", () =>
      withPage(browser, {}, async (page) => {
        await page.goto(`${origin}/provision/known?return=${encodeURIComponent(gateway.origin + "/here")}`);
        // The form keeps no query of ours; the gallery redirects by it.
        await page.locator("form").evaluate((form) => { form.action += location.search; });
        await page.getByRole("button", { name: "Confirm and continue" }).click();
        await page.waitForURL(gateway.origin + "/here");
      }));
  } finally {
    await gateway.stop();
    await application.stop();
  }
}
