#include "http/prompt_json.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "jit/codes.h"

namespace vestibule::http {
namespace {

constexpr std::size_t kMostAnswers = 200;
constexpr std::size_t kMostLanguageBytes = 35;  // RFC 5646 §4.4.1

tl::unexpected<Error> wrong(std::string_view key, std::string_view reason) {
  return jit::refusal(jit::kInvalidRequest, "'" + std::string(key) + "' " + std::string(reason),
                      std::string(key));
}

json::Array arrayOf(const std::vector<std::string>& texts) {
  return json::Array(texts.begin(), texts.end());
}

json::Object describe(const jit::AskedPurpose& asked) {
  json::Object texts;
  for (const auto& [language, text] : asked.purpose->texts) {
    texts.set(language, json::Object{{"title", text.title}, {"description", text.description}});
  }
  json::Array attributes;
  for (const auto& attribute : asked.attributes) {
    attributes.emplace_back(
        json::Object{{"attribute", attribute.path.text()}, {"mandatory", attribute.mandatory}});
  }
  return {{"purpose", asked.purpose->name},
          {"version", std::uint64_t{asked.purpose->version}},
          {"texts", std::move(texts)},
          {"attributes", std::move(attributes)}};
}

json::Object describe(const jit::AskedAttribute& asked) {
  json::Object shown{{"attribute", asked.path},
                     {"type", scim::nameOf(asked.type)},
                     {"description", asked.description}};
  if (!asked.canonical_values.empty()) {
    shown.set("canonicalValues", arrayOf(asked.canonical_values));
  }
  return shown;
}

Result<std::string> textOf(const json::Member& member) {
  const std::string* text = member.value.string();
  if (text == nullptr) return wrong(printable(member.key, 200), "must be a string");
  return *text;
}

Result<void> readAttributes(const json::Value& value, jit::PromptAnswers& answers) {
  if (!value.isObject()) return wrong("attributes", "must be an object");
  if (value.object()->size() > kMostAnswers) return wrong("attributes", "has too many members");
  for (const json::Member& member : *value.object()) {
    auto text = textOf(member);
    if (!text) return propagate(text);
    answers.attributes.emplace_back(member.key, *std::move(text));
  }
  return {};
}

Result<jit::ConsentAnswer> readConsent(const json::Value& value) {
  if (!value.isObject()) return wrong("consents", "must hold objects");
  jit::ConsentAnswer answer;
  for (const json::Member& member : *value.object()) {
    if (member.key == "purpose") {
      auto text = textOf(member);
      if (!text) return propagate(text);
      answer.purpose = *std::move(text);
    } else if (member.key == "version") {
      const auto number =
          member.value.number() == nullptr ? std::nullopt : member.value.number()->asInt64();
      if (!number || *number < 1 || *number > UINT32_MAX) {
        return wrong("version", "must be the number that was shown");
      }
      answer.version = static_cast<std::uint32_t>(*number);
    } else if (member.key == "agreed") {
      const json::Array* paths = member.value.array();
      const bool good = paths != nullptr && paths->size() <= kMostAnswers &&
                        std::all_of(paths->begin(), paths->end(),
                                    [](const json::Value& path) { return path.isString(); });
      if (!good) return wrong("agreed", "must be a list of attributes");
      for (const json::Value& path : *paths) answer.agreed.push_back(*path.string());
    } else {
      return wrong(printable(member.key, 200), "is not known here");
    }
  }
  if (answer.purpose.empty() || answer.version == 0) {
    return wrong("consents", "must name purpose and version");
  }
  return answer;
}

Result<void> readConsents(const json::Value& value, jit::PromptAnswers& answers) {
  const json::Array* consents = value.array();
  if (consents == nullptr) return wrong("consents", "must be a list");
  if (consents->size() > kMostAnswers) return wrong("consents", "has too many elements");
  for (const json::Value& element : *consents) {
    auto consent = readConsent(element);
    if (!consent) return propagate(consent);
    const bool twice = std::any_of(
        answers.consents.begin(), answers.consents.end(),
        [&](const jit::ConsentAnswer& other) { return other.purpose == consent->purpose; });
    if (twice) return wrong("consents", "names a purpose twice");
    answers.consents.push_back(*std::move(consent));
  }
  return {};
}

Result<void> readMember(const json::Member& member, SentAnswers& sent) {
  if (member.key == "attributes") return readAttributes(member.value, sent.answers);
  if (member.key == "consents") return readConsents(member.value, sent.answers);
  if (member.key == "decline") {
    const bool* declines = member.value.boolean();
    if (declines == nullptr) return wrong("decline", "must be true or false");
    sent.declines = *declines;
    return {};
  }
  auto text = textOf(member);
  if (!text) return propagate(text);
  if (member.key == "userName") {
    sent.answers.user_name = *std::move(text);
  } else if (member.key == "password") {
    sent.answers.password.emplace(*std::move(text));
  } else if (member.key == "passwordConfirmation") {
    sent.answers.password_confirmation.emplace(*std::move(text));
  } else if (member.key == "language") {
    if (text->size() > kMostLanguageBytes) return wrong("language", "is too long");
    sent.language = *std::move(text);
  } else {
    return wrong(printable(member.key, 200), "is not known here");
  }
  return {};
}

}  // namespace

json::Object describeForm(const jit::PromptForm& form) {
  json::Object body{{"domain", form.domain}, {"known", form.is_known}};
  if (form.user_name) {
    json::Object asked{{"proposed", form.user_name->proposed},
                       {"hint", form.user_name->hint},
                       {"pattern", form.user_name->pattern}};
    if (!form.user_name->suggestion.empty()) asked.set("suggestion", form.user_name->suggestion);
    body.set("userName", std::move(asked));
  } else if (!form.fixed_user_name.empty()) {
    body.set("userName", json::Object{{"fixed", form.fixed_user_name}});
  }
  if (form.password) {
    body.set("password",
             json::Object{{"hint", form.password->hint}, {"pattern", form.password->pattern}});
  }
  json::Array attributes;
  for (const auto& asked : form.attributes) attributes.emplace_back(describe(asked));
  body.set("attributes", std::move(attributes));
  json::Array claims;
  for (const auto& claim : form.claims) {
    claims.emplace_back(json::Object{{"attribute", claim.path}, {"value", claim.value}});
  }
  body.set("claims", std::move(claims));
  json::Array purposes;
  for (const auto& asked : form.purposes) purposes.emplace_back(describe(asked));
  body.set("purposes", std::move(purposes));
  return body;
}

json::Object describePrompt(const jit::HeldPrompt& held) {
  const auto& row = held.row;
  const std::string_view state = jit::stateOf(row, now());
  json::Object body{{"state", state}, {"identityProvider", row.identity_provider}};
  if (held.provider != nullptr) {
    body.set("description", *held.provider->document.find("description"));
  }
  body.set("expires", formatTimestamp(row.expires));
  if (state == "open") {
    for (json::Member& member : describeForm(held.form)) {
      body.set(member.key, std::move(member.value));
    }
  } else if (const std::string url = jit::returnTo(row); !url.empty()) {
    body.set("returnUrl", url);
  }
  return body;
}

json::Array describeProblems(const std::vector<jit::FieldProblem>& problems) {
  json::Array shown;
  for (const auto& problem : problems) {
    shown.emplace_back(json::Object{{"field", problem.field},
                                    {"reason", jit::nameOf(problem.reason)},
                                    {"detail", problem.detail}});
  }
  return shown;
}

Result<SentAnswers> readSentAnswers(const json::Value& body) {
  if (!body.isObject()) {
    return jit::refusal(jit::kInvalidRequest, "the body must be a JSON object");
  }
  SentAnswers sent;
  for (const json::Member& member : *body.object()) {
    if (auto read = readMember(member, sent); !read) return propagate(read);
  }
  if (sent.declines && body.object()->size() > 1) {
    return wrong("decline", "stands alone: nobody is provisioned");
  }
  return sent;
}

}  // namespace vestibule::http
