// The whole way of a prompt: a login, the page, the answer, the way back, and what the gateway is told.
import { equal, expect, accessible, picture, root, startListener, startProgram, test, withPage } from "./harness.mjs";

const keys = ["VESTIBULE_SCIM_URL", "VESTIBULE_INTERNAL_URL", "VESTIBULE_JIT_TOKEN", "VESTIBULE_ADMIN_TOKEN", "VESTIBULE_PID"];
const nameRule = "Names have 3 to 20 of the letters a to z.";
const passwordRule = "Passwords have 12 characters at least.";

/** A server with a domain that has policies, and one identity provider for each scheme. */
class Vestibule {
  static async start(gateway) {
    const program = await startProgram(`${root}/scripts/run`, ["--ephemeral", "--no-build"], keys);
    const vestibule = new Vestibule();
    Object.assign(vestibule, { ...program.values, stop: program.stop, gateway, logins: 0 });
    await vestibule.setUp();
    return vestibule;
  }

  async call(method, path, body, token = this.VESTIBULE_ADMIN_TOKEN) {
    const response = await fetch(this.VESTIBULE_INTERNAL_URL + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }

  async make(path, body) {
    const made = await this.call("POST", path, body);
    equal(made.status, 201, `the status of POST ${path} (${JSON.stringify(made.body)})`);
  }

  async setUp() {
    await this.make("/admin/v1/domains", {
      name: "GUESTS",
      settings: {
        UsernameJavaRegEx: "^[a-z]{3,20}$",
        UsernameJavaScriptRegEx: "^[a-z]{3,20}$",
        UsernameJavaRegExViolationErrorMsg: nameRule,
        PasswordJavaRegEx: "^.{12,100}$",
        PasswordJavaScriptRegEx: "^.{12,100}$",
        PasswordJavaRegExViolationErrorMsg: passwordRule,
      },
    });
    await this.make("/admin/v1/consent-purposes", {
      name: "newsletter",
      texts: {
        en: { title: "Newsletter", description: "News of the house." },
        de: { title: "Rundbrief", description: "Neues aus dem Haus." },
      },
      attributes: [
        { attribute: "name", mandatory: true },
        { attribute: "phoneNumbers", mandatory: false },
      ],
    });
    for (const [name, scheme, ends] of [
      ["consent", "PROMPT_CONSENT"],
      ["brief", "PROMPT_CONSENT", { expiresIn: 30 }],
      ["password", "PROMPT_PASSWORD_CONSENT"],
      ["everything", "PROMPT_USERNAME_PASSWORD_CONSENT"],
    ]) {
      await this.make("/admin/v1/identity-providers", {
        name,
        description: "Example Guests",
        claims: {
          userIdClaim: "user",
          mappings: [
            { idpClaim: "given", attribute: "name.givenName" },
            { idpClaim: "phone", attribute: 'phoneNumbers[type eq "mobile"].value' },
            { idpClaim: "shown", attribute: "displayName", required: true },
          ],
        },
        jit: {
          isEnabled: true,
          userstore: "GUESTS",
          scheme,
          consent: { purposes: ["DEFAULT", "newsletter"] },
          prompt: { returnOrigins: [this.gateway.origin], ...ends },
        },
      });
    }
  }

  /** Posts a login of `subject`; returns the answer. */
  async login(identityProvider, subject, claims = {}) {
    const { status, body } = await this.call("POST", "/jit/v1/provision", {
      identityProvider, subject,
      claims: { user: subject, given: "Ada", phone: "+49 30 1234567", shown: "Ada", ...claims },
      returnUrl: `${this.gateway.origin}/signed-in?state=42`,
    }, this.VESTIBULE_JIT_TOKEN);
    expect(status < 300, `the login of ${subject}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** What the gateway is told of a prompt. */
  async outcomeOf(prompt) {
    const path = new URL(prompt.state, this.VESTIBULE_INTERNAL_URL).pathname;
    return (await this.call("GET", path, undefined, this.VESTIBULE_JIT_TOKEN)).body;
  }

  /** A new login that has to be asked, and its page opened. */
  async open(page, identityProvider, subject, claims) {
    const login = await this.login(identityProvider, subject, claims);
    equal(login.outcome, "prompt", "the outcome");
    await page.goto(login.prompt.url);
    return login.prompt;
  }
}

async function tickMandatory(page) {
  await page.getByLabel("I agree").check();
  await page.getByLabel("Name", { exact: false }).and(page.locator("[type=checkbox]")).first().check();
}
const submit = (page) => page.getByRole("button", { name: "Confirm and continue" }).click();
const back = (page, gateway) => page.waitForURL((url) => url.origin === gateway.origin);
const password = "correct horse battery";

export async function testPrompts(browser) {
  const gateway = await startListener();
  const vestibule = await Vestibule.start(gateway);
  const late = await browser.newContext({ locale: "en-GB" });
  try {
    // Expires while all the others run.
    const waiting = await late.newPage();
    const prompt = await vestibule.open(waiting, "brief", "late");
    await testWays(browser, vestibule, gateway);
    await testRefusals(browser, vestibule, gateway);
    await testEnds(browser, vestibule, gateway);
    await testExpiry(vestibule, gateway, waiting, prompt);
  } finally {
    await late.close();
    await vestibule.stop();
    await gateway.stop();
  }
}

async function testWays(browser, vestibule, gateway) {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
    const subject = javaScriptEnabled ? "withscript" : "without";

    await test(`a person answers everything and comes back to the gateway, ${how}`, () =>
      withPage(browser, { javaScriptEnabled }, async (page) => {
        const prompt = await vestibule.open(page, "everything", subject, { shown: undefined });
        equal(await page.getByLabel("User name").inputValue(), subject);
        // axe-core waits by timers, which a page without JavaScript does not have.
        if (javaScriptEnabled) await accessible(page, "the page of all questions");
        await picture(page, `prompt-${subject}`);
        await page.getByLabel("User name").fill(subject + "x");
        if (javaScriptEnabled) await page.getByText("This name is free.").waitFor();
        await page.getByLabel("Password", { exact: true }).fill(password);
        await page.getByLabel("Password again").fill(password);
        await page.getByLabel("Display name").fill("Ada <b>L</b>");
        await tickMandatory(page);
        await submit(page);
        await back(page, gateway);
        const address = new URL(page.url());
        equal(address.pathname + "?state=" + address.searchParams.get("state"), "/signed-in?state=42");
        expect(prompt.state.endsWith(address.searchParams.get("vestibulePrompt")), "the id in the address");
        const outcome = await vestibule.outcomeOf(prompt);
        equal([outcome.state, outcome.outcome], ["answered", "created"]);
        equal(outcome.user.displayName, "Ada <b>L</b>");
        expect(outcome.user.userName.endsWith(subject + "x"), `the name: ${outcome.user.userName}`);
        equal(outcome.user.phoneNumbers, undefined, "what consent was refused to");
      }));

    await test(`a second visit asks nothing, ${how}`, async () => {
      const again = await vestibule.login("everything", subject, { shown: undefined });
      equal(again.outcome === "prompt", false, "that it asks");
    });
  }

  await test("consent alone is asked for, in German", () =>
    withPage(browser, { locale: "de-DE" }, async (page) => {
      const prompt = await vestibule.open(page, "consent", "grace");
      equal(await page.locator("html").getAttribute("lang"), "de");
      equal(await page.getByLabel("Passwort").count(), 0, "fields for a password");
      equal(await page.locator("[name=userName]").count(), 0, "fields for a name");
      await page.getByRole("heading", { name: "Konto einrichten" }).waitFor();
      await page.getByRole("group", { name: "Rundbrief" }).getByLabel("Telefon").check();
      await page.getByRole("group", { name: "Rundbrief" }).getByLabel("Name").check();
      await page.getByLabel("Ich willige ein").check();
      await page.getByRole("button", { name: "Bestätigen und weiter" }).click();
      await back(page, gateway);
      const outcome = await vestibule.outcomeOf(prompt);
      equal(outcome.outcome, "created");
      equal(outcome.user.phoneNumbers?.[0]?.value, "+49 30 1234567");
    }));

  await test("a password is asked for beside consent", () =>
    withPage(browser, {}, async (page) => {
      const prompt = await vestibule.open(page, "password", "edsger");
      equal(await page.locator("[name=userName]").count(), 0, "fields for a name");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Password again").fill(password);
      await tickMandatory(page);
      await submit(page);
      await back(page, gateway);
      equal((await vestibule.outcomeOf(prompt)).outcome, "created");
    }));
}

async function testRefusals(browser, vestibule) {
  await test("what is wrong is told beside each field, in the policies' own words", () =>
    withPage(browser, {}, async (page) => {
      const prompt = await vestibule.open(page, "everything", "barbara", { shown: undefined });
      await page.getByLabel("User name").fill("X");
      await page.getByLabel("Password", { exact: true }).fill("short");
      await page.getByLabel("Password again").fill("short");
      await submit(page);
      const summary = page.getByRole("alert");
      await summary.getByText(nameRule).waitFor();
      await summary.getByText(passwordRule).waitFor();
      await summary.getByText("“Display name” is missing.").waitFor();
      await summary.getByText("Your consent to “User account” is needed").waitFor();
      await summary.getByText("Your consent to “Newsletter: Name” is needed").waitFor();
      await accessible(page, "the page of problems");
      await picture(page, "prompt-problems");
      equal((await vestibule.outcomeOf(prompt)).state, "open");
    }));

  await test("a password that is confirmed by another one is told", () =>
    withPage(browser, { javaScriptEnabled: false }, async (page) => {
      await vestibule.open(page, "everything", "mismatch");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Password again").fill(password + "!");
      await tickMandatory(page);
      await submit(page);
      await page.getByRole("alert").getByText("The two passwords differ.").waitFor();
      expect(await page.getByLabel("I agree").isChecked(), "the box is not ticked any more");
    }));

  await test("a name that is taken is told while typing, and by the server", () =>
    withPage(browser, {}, async (page) => {
      await vestibule.open(page, "everything", "jean");
      await page.getByLabel("User name").fill("edsger");
      await page.locator("#user-name-status").getByText("This name is taken.").waitFor();
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByLabel("Password again").fill(password);
      await tickMandatory(page);
      await submit(page);
      await page.getByRole("alert").getByText("The user name is taken.").waitFor();
    }));

  await test("a name against the policy is told in its words while typing", () =>
    withPage(browser, {}, async (page) => {
      await vestibule.open(page, "everything", "tony");
      await page.getByLabel("User name").fill("Not 1 of them");
      await page.locator("#user-name-status").getByText(nameRule).waitFor();
    }));

  await test("a field that nobody asked for changes nothing", () =>
    withPage(browser, {}, async (page) => {
      const prompt = await vestibule.open(page, "consent", "mallory");
      await page.locator("form").evaluate((form) => {
        const field = document.createElement("input");
        Object.assign(field, { name: "attribute:displayName", value: "Root", type: "hidden" });
        form.append(field);
      });
      await tickMandatory(page);
      await submit(page);
      await page.getByText("Something was sent that nobody asked for").waitFor();
      equal((await vestibule.outcomeOf(prompt)).state, "open");
    }));
}

async function testEnds(browser, vestibule, gateway) {
  await test("a person declines and goes back", () =>
    withPage(browser, {}, async (page) => {
      const prompt = await vestibule.open(page, "everything", "declining");
      await page.getByRole("button", { name: "Cancel" }).click();
      await back(page, gateway);
      equal((await vestibule.outcomeOf(prompt)).state, "declined");
    }));

  await test("a ticket that was used does nothing more", () =>
    withPage(browser, { javaScriptEnabled: false }, async (page) => {
      const prompt = await vestibule.open(page, "consent", "twice");
      await tickMandatory(page);
      await submit(page);
      await back(page, gateway);
      const used = await fetch(prompt.url, { headers: { Accept: "text/html" } });
      equal(used.status, 410);
      expect((await used.text()).includes("Already answered"), "the page of an answered prompt");
    }));

  await test("an unknown ticket is told so in the reader's language", () =>
    withPage(browser, { locale: "de-DE" }, async (page) => {
      const response = await page.goto(vestibule.VESTIBULE_SCIM_URL + "/provision/" + "A".repeat(43));
      equal(response.status(), 404);
      await page.getByRole("heading", { name: "Seite nicht gefunden" }).waitFor();
      await accessible(page, "the page of an unknown ticket");
    }));

  await test("the answers are those of the page, with its headers", () =>
    withPage(browser, {}, async (page) => {
      const login = await vestibule.login("consent", "headers");
      const response = await page.goto(login.prompt.url);
      const headers = response.headers();
      expect(headers["content-security-policy"].includes("frame-ancestors 'none'"), "the policy");
      equal(headers["cache-control"], "no-store");
      equal(headers["x-frame-options"], "DENY");
      equal(headers["referrer-policy"], "no-referrer");
      const [cookie] = await page.context().cookies();
      equal([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Lax", new URL(login.prompt.url).pathname]);
    }));
}

async function testExpiry(vestibule, gateway, page, prompt) {
  await test("an answer that comes too late makes nobody, and is told so", async () => {
    const until = Date.parse(prompt.expires) + 10_000;
    const state = async () => (await vestibule.outcomeOf(prompt)).state;
    while ((await state()) === "open" && Date.now() < until) await page.waitForTimeout(200);
    equal(await state(), "expired");
    await tickMandatory(page);
    const [response] = await Promise.all([page.waitForNavigation(), submit(page)]);
    equal(response.status(), 410);
    await back(page, gateway);
    const late = await fetch(prompt.url, { headers: { Accept: "text/html" } });
    equal(late.status, 410);
    expect((await late.text()).includes("This page has expired"), "the page of an expired prompt");
    const outcome = await vestibule.outcomeOf(prompt);
    equal([outcome.state, outcome.user], ["expired", undefined]);
    const again = await vestibule.login("brief", "late");
    equal(again.outcome, "prompt", "a new login asks anew");
  });
}
