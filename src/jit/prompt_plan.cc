#include "jit/prompt_plan.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "directory/provenance.h"
#include "jit/codes.h"
#include "jit/user_name.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "prompt";

using Reason = FieldProblem::Reason;

const std::string* answerTo(const PromptAnswers& answers, const std::string& path) {
  for (const auto& [asked, text] : answers.attributes) {
    if (asked == path) return &text;
  }
  return nullptr;
}

/// The answer as a value of what it was asked for; null for an empty one.
Result<json::Value> valueOf(const AttributeTarget& target, const std::string& text) {
  if (text.empty()) return json::Value();
  if (target.takesList()) return target.convert(json::Array{text});
  return target.convert(text);
}

std::string textAt(const json::Object& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value != nullptr && value->isString() ? *value->string() : std::string();
}

std::string consentField(const std::string& purpose, const std::string& path = {}) {
  return "consent." + purpose + (path.empty() ? "" : "." + path);
}

const ConsentAnswer* answerTo(const PromptAnswers& answers, const ConsentPurpose& purpose) {
  for (const auto& answer : answers.consents) {
    if (answer.purpose == purpose.name) return &answer;
  }
  return nullptr;
}

/// What is wrong with the answer to one purpose.
void checkConsent(const AskedPurpose& asked, const ConsentAnswer* answer,
                  std::vector<FieldProblem>& problems) {
  const ConsentPurpose& purpose = *asked.purpose;
  if (answer != nullptr && answer->version != purpose.version) {
    problems.push_back({consentField(purpose.name), Reason::kOutdated,
                        "the purpose has changed since it was shown: read it once more"});
    return;
  }
  for (const auto& attribute : asked.attributes) {
    const std::string& path = attribute.path.text();
    const bool agreed = answer != nullptr && std::find(answer->agreed.begin(), answer->agreed.end(),
                                                       path) != answer->agreed.end();
    if (attribute.mandatory && !agreed) {
      problems.push_back({consentField(purpose.name, path), Reason::kMandatory,
                          "without this consent nobody can be provisioned"});
    }
  }
  if (answer == nullptr) return;
  for (const std::string& path : answer->agreed) {
    const bool known =
        std::any_of(asked.attributes.begin(), asked.attributes.end(),
                    [&](const auto& attribute) { return attribute.path.text() == path; });
    if (!known) {
      problems.push_back({consentField(purpose.name, path), Reason::kNotAskedFor,
                          "nobody was asked to agree to this"});
    }
  }
}

}  // namespace

PromptForm PromptPlanner::emptyForm(const directory::Domain& domain,
                                    const MappedClaims& mapped) const {
  PromptForm form;
  form.identity_provider = provider_.name;
  form.description = textAt(provider_.document, "description");
  form.domain = domain.name().value();
  for (const MappedValue& entry : mapped) {
    if (!entry.value.isNull()) form.claims.push_back({entry.mapping->target.text(), entry.value});
  }
  return form;
}

Result<Questioned> PromptPlanner::forNewUser(const directory::Domain& domain,
                                             const std::string& name, bool asks_name,
                                             MappedClaims& mapped) {
  Questioned questioned;
  questioned.user_name = name;
  const bool prompts = provider_.prompt.scheme != Scheme::kSilently;
  const auto without = missing(mapped, {}, {});
  if (!prompts && !asks_name) {
    if (without.empty()) return questioned;
    const ClaimMapping& mapping = *without.front()->mapping;
    trace_.add("claims", mapping.target.text(), mapping.claim.text(), "required, and not there");
    return refusal(kInvalidAttribute,
                   "claim '" + mapping.claim.text() + "' is required and has no value",
                   mapping.target.text());
  }
  questioned.form = emptyForm(domain, mapped);
  if (asks_name) {
    if (auto asked = askUserName(domain, name, questioned); !asked) return propagate(asked);
  } else {
    questioned.form->fixed_user_name = name;
  }
  if (provider_.prompt.asksPassword()) askPassword(domain, questioned);
  if (prompts) {
    questioned.form->purposes = pendingConsent(purposes_, {});
    askConsent(questioned);
  }
  askAttributes(without, questioned);
  settle(questioned, {}, mapped);
  return questioned;
}

Result<Questioned> PromptPlanner::forUser(const directory::Domain& domain, const ResourceId& user,
                                          const json::Object& attributes, MappedClaims& mapped) {
  auto& database = *context_.database;
  auto decisions = database.read([&](store::Session& session) {
    return store::findConsentDecisions(session, database.controlSchema(), user);
  });
  if (!decisions) return propagate(decisions);
  Questioned questioned;
  questioned.has_decided = !decisions->empty();
  if (provider_.prompt.scheme != Scheme::kSilently) {
    questioned.form = emptyForm(domain, mapped);
    questioned.form->is_known = true;
    questioned.form->fixed_user_name =
        textAt(attributes, context_.user_type->naming_attribute->name);
    questioned.form->purposes = pendingConsent(purposes_, *decisions);
    askConsent(questioned);
    askAttributes(missing(mapped, attributes, *decisions), questioned);
  }
  settle(questioned, *decisions, mapped);
  return questioned;
}

Result<void> PromptPlanner::askUserName(const directory::Domain& domain, const std::string& name,
                                        Questioned& questioned) {
  const auto& settings = domain.policy.settings();
  AskedUserName asked{name, {}, settings.username_violation_message, settings.username_java_script};
  const bool answered = answers_ != nullptr && answers_->user_name;
  if (answered) questioned.user_name = *answers_->user_name;
  const auto object = [&](Reason reason, std::string detail) {
    if (answers_ != nullptr) {
      questioned.problems.push_back({"userName", reason, std::move(detail)});
    }
  };
  const std::string& chosen = questioned.user_name;
  if ((answers_ != nullptr && !answered) || chosen.empty()) {
    object(Reason::kMissing, "a user name is needed");
  } else if (auto allowed = checkNewUserName(domain, provider_, chosen, trace_); !allowed) {
    object(Reason::kPolicy, allowed.error().detail);
  } else {
    auto taken = isUserNameTaken(context_, domain, chosen, trace_);
    if (!taken) return propagate(taken);
    if (*taken) {
      // Best effort: without a suggestion the person thinks of something.
      auto free = freeUserName(context_, domain, provider_, chosen, trace_);
      if (free) asked.suggestion = *std::move(free);
      object(Reason::kTaken, "another user has this name");
    }
  }
  questioned.form->user_name = std::move(asked);
  return {};
}

void PromptPlanner::askPassword(const directory::Domain& domain, Questioned& questioned) const {
  const auto& settings = domain.policy.settings();
  questioned.form->password =
      AskedPassword{settings.password_violation_message, settings.password_java_script};
  if (answers_ == nullptr) return;
  const auto object = [&](std::string field, Reason reason, std::string detail) {
    questioned.problems.push_back({std::move(field), reason, std::move(detail)});
  };
  if (!answers_->password || answers_->password->empty()) {
    object("password", Reason::kMissing, "a password is needed");
    return;
  }
  if (auto allowed = domain.policy.checkPassword(*answers_->password); !allowed) {
    object("password", Reason::kPolicy, allowed.error().detail);
  }
  if (answers_->password_confirmation &&
      !answers_->password->matches(answers_->password_confirmation->exposeSecret())) {
    object("passwordConfirmation", Reason::kMismatch, "the two passwords differ");
  }
}

std::vector<MappedValue*> PromptPlanner::missing(
    MappedClaims& mapped, const json::Object& attributes,
    const std::vector<store::ConsentDecision>& decisions) {
  std::vector<MappedValue*> without;
  for (MappedValue& entry : mapped) {
    const bool lacks = entry.mapping->required && entry.value.isNull() &&
                       entry.mapping->target.valueIn(attributes) == nullptr &&
                       !isRefused(decisions, entry.mapping->target);
    if (lacks) without.push_back(&entry);
  }
  return without;
}

void PromptPlanner::askAttributes(const std::vector<MappedValue*>& missing,
                                  Questioned& questioned) const {
  // Whoever refuses that a value is stored need not give it.
  const auto refused = answers_ == nullptr
                           ? std::vector<store::ConsentDecision>()
                           : decisionsOf(questioned.form->purposes, answers_->consents);
  for (MappedValue* entry : missing) {
    const AttributeTarget& target = entry->mapping->target;
    const scim::Attribute& attribute = target.written();
    questioned.form->attributes.push_back(
        {target.text(), attribute.type, attribute.canonical_values, attribute.description});
    if (answers_ == nullptr) continue;
    const std::string field = "attributes." + target.text();
    const std::string* text = answerTo(*answers_, target.text());
    auto value = valueOf(target, text == nullptr ? std::string() : *text);
    if (!value) {
      questioned.problems.push_back({field, Reason::kInvalid, value.error().detail});
    } else if (value->isNull() && !isRefused(refused, target)) {
      questioned.problems.push_back({field, Reason::kMissing, "a value is needed"});
    } else if (!value->isNull()) {
      entry->value = *std::move(value);
      entry->keeps = false;
    }
  }
}

void PromptPlanner::askConsent(Questioned& questioned) const {
  if (answers_ == nullptr) return;
  for (const AskedPurpose& asked : questioned.form->purposes) {
    checkConsent(asked, answerTo(*answers_, *asked.purpose), questioned.problems);
  }
}

/// What nobody asked for is not dropped in silence: whoever sends it means something by it.
void PromptPlanner::refuseUnasked(Questioned& questioned) const {
  const PromptForm& form = *questioned.form;
  const auto refuse = [&](std::string field) {
    questioned.problems.push_back(
        {std::move(field), Reason::kNotAskedFor, "this was not asked for"});
  };
  if (answers_->user_name && !form.user_name) refuse("userName");
  if (answers_->password && !form.password) refuse("password");
  if (answers_->password_confirmation && !form.password) refuse("passwordConfirmation");
  for (const auto& answer : answers_->attributes) {
    const bool asked = std::any_of(form.attributes.begin(), form.attributes.end(),
                                   [&](const AskedAttribute& a) { return a.path == answer.first; });
    if (!asked) refuse("attributes." + printable(answer.first, 200));
  }
  for (const auto& answer : answers_->consents) {
    const bool asked =
        std::any_of(form.purposes.begin(), form.purposes.end(),
                    [&](const AskedPurpose& a) { return a.purpose->name == answer.purpose; });
    if (!asked) refuse(consentField(printable(answer.purpose, 200)));
  }
}

void PromptPlanner::settle(Questioned& questioned,
                           const std::vector<store::ConsentDecision>& decisions,
                           MappedClaims& mapped) {
  std::vector<store::ConsentDecision> all = decisions;
  if (questioned.form) {
    const PromptForm& form = *questioned.form;
    const bool asks =
        form.user_name || form.password || !form.attributes.empty() || !form.purposes.empty();
    if (answers_ != nullptr && asks) refuseUnasked(questioned);
    if (asks && (answers_ == nullptr || !questioned.problems.empty())) {
      trace_.add(kStep, "scheme", answers_ == nullptr ? "no answers" : "answers",
                 answers_ == nullptr ? "to be asked" : "not complete or not valid");
      return;
    }
    if (asks) {
      questioned.asked = form.purposes;
      questioned.decisions = decisionsOf(form.purposes, answers_->consents);
      all = combined(std::move(all), questioned.decisions);
      trace_.add(kStep, "scheme", "answers", "complete");
    }
    questioned.form.reset();
  }
  for (MappedValue& entry : mapped) {
    if (!isRefused(all, entry.mapping->target)) continue;
    trace_.add("consent", entry.mapping->target.text(), entry.mapping->claim.text(),
               "refused by the person: no value");
    entry.value = json::Value();
    entry.keeps = false;
  }
}

json::Array termsOf(const scim::ResourceType& user_type, const IdentityProvider& provider,
                    const PromptPlanner::Purposes& purposes) {
  json::Array terms;
  if (directory::notesProvisions(user_type)) terms.emplace_back("noted");
  if (provider.prompt.scheme == Scheme::kSilently) return terms;
  for (const auto& purpose : purposes) {
    terms.emplace_back(
        json::Array{std::uint64_t{purpose->number}, std::uint64_t{purpose->version}});
  }
  return terms;
}

Result<std::string> hashPassword(const directory::Context& context, const PromptAnswers* answers) {
  if (answers == nullptr || !answers->password) return std::string();
  return context.password_hasher->hash(*answers->password);
}

}  // namespace vestibule::jit
