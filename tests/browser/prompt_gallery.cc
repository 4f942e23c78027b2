// Serves prompt pages of every kind from data alone, for tests/browser: no database, no tickets.

#include <csignal>
#include <cstdio>
#include <functional>
#include <map>

#include "http/error_response.h"
#include "http/form_body.h"
#include "http/prompt_answers.h"
#include "http/prompt_assets.h"
#include "http/prompt_guard.h"
#include "http/prompt_headers.h"
#include "http/prompt_page.h"
#include "http/server.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/prompt_forms.h"

namespace vestibule::http {
namespace {

using Reason = jit::FieldProblem::Reason;
using Forms = std::map<std::string, jit::PromptForm, std::less<>>;

jit::PromptForm longForm() {
  auto form = test::fullForm();
  const std::string word(120, 'w');
  std::string text;
  for (int i = 0; i < 60; ++i) text += "a rather long explanation that goes on, ";
  form.description =
      "The Example Corporation of Everywhere, Limited, with all its subsidiaries " + word;
  form.user_name->hint = text;
  form.attributes[0].path = "urn:example:params:User:" + word;
  form.claims.push_back({"displayName", word + word});
  form.claims.push_back({"groups", json::Array{text, "b", "c"}});
  form.purposes = {test::askedPurpose("long", {word, text}, {word, text}, {"!name", "emails"})};
  return form;
}

jit::PromptForm foreignForm() {
  auto form = test::fullForm();
  form.description = "شركة المثال 🏢";
  form.user_name->proposed = "عادة";
  form.user_name->suggestion = "";
  form.claims = {{"name.givenName", "עדה 👩🏽‍💻"},
                 {"displayName", "Ada \u202Eecalevol"},
                 {"emails", json::Array{"ada@例え.jp", "ада@пример.рф"}}};
  form.purposes = {test::askedPurpose(
      "rtl", {"شروط 📜", "نص طويل بما يكفي ليمتد على أكثر من سطر واحد."},
      {"شروط 📜", "نص طويل بما يكفي ليمتد على أكثر من سطر واحد."}, {"!name", "emails"})};
  return form;
}

Forms allForms() {
  Forms forms;
  forms["full"] = test::fullForm();
  forms["long"] = longForm();
  forms["foreign"] = foreignForm();
  auto& consent = forms["consent"] = test::emptyForm();
  consent.claims = test::someClaims();
  consent.purposes = test::somePurposes();
  auto& password = forms["password"] = consent;
  password.password = jit::AskedPassword{"At least 12 characters.", "^.{12,}$"};
  auto& user_name = forms["username"] = test::emptyForm();
  user_name.fixed_user_name.clear();
  user_name.user_name = jit::AskedUserName{"grace", "", "", ""};
  user_name.claims = test::someClaims();
  auto& known = forms["known"] = test::emptyForm();
  known.is_known = true;
  known.purposes = {test::somePurposes()[2]};
  auto& many = forms["many"] = test::emptyForm();
  for (int i = 1; i <= 30; ++i) {
    const auto number = std::to_string(i);
    many.purposes.push_back(test::askedPurpose(
        "purpose-" + number, {"Purpose " + number, "What it is for."},
        {"Zweck " + number, "Wofür er gut ist."}, {"!name", "emails", "phoneNumbers"}));
  }
  forms["hostile"] = test::fullForm();
  forms["hostile"].description = "<script>document.title='owned'</script>";
  forms["hostile"].claims = {{"displayName", "\"><img src=x onerror=\"document.title='owned'\">"}};
  return forms;
}

std::vector<jit::FieldProblem> allProblems() {
  return {{"userName", Reason::kTaken, ""},
          {"password", Reason::kPolicy, "At least 12 characters, one of them a digit."},
          {"passwordConfirmation", Reason::kMismatch, ""},
          {"attributes.displayName", Reason::kMissing, ""},
          {"attributes.urn:example:params:User:floor", Reason::kInvalid, ""},
          {"consent.terms", Reason::kMandatory, ""},
          {"consent.directory.name", Reason::kMandatory, ""},
          {"consent.newsletter", Reason::kOutdated, ""}};
}

json::Object described(const PromptReply& reply) {
  const auto& answers = reply.answers;
  json::Object attributes;
  for (const auto& [path, text] : answers.attributes) attributes.set(path, text);
  json::Object consents;
  for (const auto& consent : answers.consents) {
    json::Array agreed;
    for (const auto& path : consent.agreed) agreed.emplace_back(path);
    consents.set(consent.purpose, std::move(agreed));
  }
  const auto secret = [](const std::optional<Secret>& text) {
    return text ? json::Value(text->exposeSecret()) : json::Value();
  };
  return {{"declined", reply.is_declined},
          {"userName", answers.user_name ? json::Value(*answers.user_name) : json::Value()},
          {"password", secret(answers.password)},
          {"passwordConfirmation", secret(answers.password_confirmation)},
          {"attributes", std::move(attributes)},
          {"consents", std::move(consents)}};
}

class Gallery {
 public:
  explicit Gallery(const std::string& themes)
      : themes_(std::string(VESTIBULE_SOURCE_DIR) + "/web/prompt", themes), forms_(allForms()) {}

  void addTo(Router& router) {
    addPromptAssetRoutes(router, themes_);
    router.add(Method::kGet, "/provision/{ticket}",
               [this](const Request& request) { return show(request, nullptr, {}); });
    router.add(Method::kPost, "/provision/{ticket}",
               [this](const Request& request) { return take(request); });
    router.add(Method::kPost, "/provision/{ticket}/user-name",
               [](const Request& request) { return check(request); });
    router.add(Method::kGet, "/outcome/{outcome}",
               [this](const Request& request) { return outcome(request); });
  }

 private:
  static std::string ticketOf(const Request& request) {
    return std::string(request.parameter("ticket"));
  }
  const LanguageTexts& textsFor(const PromptTheme& theme, const Request& request) const {
    return theme.texts().choose(request.queryValue("lang"),
                                request.headers.joined("Accept-Language"));
  }
  std::shared_ptr<const PromptTheme> themeOf(const Request& request) {
    return *themes_.theme(request.queryValue("theme").value_or(""));
  }

  Response show(const Request& request, const jit::PromptAnswers* previous,
                std::vector<jit::FieldProblem> problems) {
    const auto form = forms_.find(ticketOf(request));
    if (form == forms_.end()) return problemRefusal(404, "no such form");
    const auto theme = themeOf(request);
    const auto& texts = textsFor(*theme, request);
    PageState state;
    state.address = {"", ticketOf(request), request.queryValue("lang").has_value()};
    const auto secret = promptSecretOf(request, false).value_or(newPromptSecret());
    state.csrf = promptToken(secret, state.address.ticket);
    state.previous = previous;
    state.problems = std::move(problems);
    if (request.queryValue("problems")) state.problems = allProblems();
    Response response;
    setPageHeaders(response, texts, request.queryValue("return").value_or(""));
    response.headers.add("Set-Cookie", promptCookie(secret, state.address, false));
    response.body = renderPrompt(*theme, texts, form->second, state);
    return response;
  }

  Response take(const Request& request) {
    const auto& form = forms_.at(ticketOf(request));
    auto fields = parseFormBody(request.body);
    auto reply = fields ? readAnswers(*std::move(fields), form)
                        : tl::make_unexpected(std::move(fields.error()));
    if (!reply || !isFromOwnPage(request, ticketOf(request), reply->csrf, false)) {
      return ended(request, PromptOutcome::kMalformed, "");
    }
    if (reply->answers.user_name == "taken") {
      return show(request, &reply->answers, {{"userName", Reason::kTaken, ""}});
    }
    if (const auto back = request.queryValue("return")) {
      Response response;
      response.status = 303;
      response.headers.set("Location", std::string(*back));
      return response;
    }
    Response response;
    response.headers.set("Content-Type", "application/json");
    response.body = json::write(described(*reply));
    return response;
  }

  static Response check(const Request& request) {
    const auto body = json::parse(request.body);
    const auto name = body ? body->stringAt("userName").value_or("") : std::string_view();
    json::Object answer{{"available", true}};
    if (name == "ada") {
      answer = {{"available", false}, {"reason", "taken"}, {"suggestion", "ada2"}};
    } else if (name.find(' ') != std::string_view::npos) {
      answer = {{"available", false}, {"reason", "policy"}, {"detail", "No <b>spaces</b>."}};
    }
    Response response;
    response.headers.set("Content-Type", "application/json");
    response.body = json::write(answer);
    return response;
  }

  Response ended(const Request& request, PromptOutcome what, const std::string& return_url) {
    const auto theme = themeOf(request);
    const auto& texts = textsFor(*theme, request);
    Response response;
    response.status = statusOf(what);
    setPageHeaders(response, texts, return_url);
    response.body = renderOutcome(*theme, texts,
                                  {{"", ticketOf(request), false},
                                   what,
                                   return_url,
                                   what == PromptOutcome::kRefused ? "JIT-1203" : ""});
    return response;
  }

  Response outcome(const Request& request) {
    static const std::map<std::string, PromptOutcome, std::less<>> kOutcomes = {
        {"done", PromptOutcome::kDone},       {"declined", PromptOutcome::kDeclined},
        {"expired", PromptOutcome::kExpired}, {"refused", PromptOutcome::kRefused},
        {"busy", PromptOutcome::kBusy},       {"malformed", PromptOutcome::kMalformed}};
    const auto found = kOutcomes.find(request.parameter("outcome"));
    if (found == kOutcomes.end()) return problemRefusal(404, "no such outcome");
    return ended(request, found->second, std::string(request.queryValue("return").value_or("")));
  }

  PromptThemes themes_;
  const Forms forms_;
};

}  // namespace
}  // namespace vestibule::http

/// Prints `GALLERY_PORT=…` and serves until it is told to stop. The argument is a folder of themes.
int main(int argc, char** argv) {
  using namespace vestibule::http;  // NOLINT(google-build-using-namespace)
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Before there are threads, which inherit it.
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Gallery gallery(argc > 1 ? argv[1] : "");
  Router router;
  gallery.addTo(router);
  WorkQueue queue({.workers = 2});
  Server server({}, std::move(router), problemRefusal, queue);
  if (const auto started = server.start(); !started) {
    std::fprintf(stderr, "prompt_gallery: %s\n", started.error().detail.c_str());
    return 1;
  }
  std::printf("GALLERY_PORT=%u\n", static_cast<unsigned>(server.port()));
  std::fflush(stdout);
  int received = 0;
  sigwait(&signals, &received);
  server.stop();
  return 0;
}
