// Drives the prompt pages in a browser: `node run.mjs`, by way of scripts/browser.
import { finish, startBrowser } from "./harness.mjs";
import { testPages } from "./pages.mjs";
import { testPrompts } from "./prompts.mjs";

const browser = await startBrowser();
try {
  await testPages(browser);
  await testPrompts(browser);
} finally {
  await browser.close();
}
finish();
