// The values that page.html is filled with.

#include <algorithm>

#include "base/unicode.h"
#include "http/prompt_claims.h"
#include "http/prompt_fields.h"
#include "http/prompt_page.h"
#include "http/prompt_problems.h"
#include "http/prompt_values.h"

namespace vestibule::http {
namespace {

namespace field = prompt_field;

using jit::FieldProblem;

/// Everything that the parts of a page are made of.
struct Source {
  const LanguageTexts& texts;
  const jit::PromptForm& form;
  const PageState& state;
  const ProblemTexts& problems;
};

/// Ids of what describes an input, as aria-describedby wants them.
class Describing {
 public:
  explicit Describing(std::string id) : id_(std::move(id)) {}
  /// Adds the id `…-suffix` where the text is there.
  void add(std::string_view suffix, bool is_there) {
    if (!is_there) return;
    if (!ids_.empty()) ids_ += ' ';
    ids_ += id_ + '-' + std::string(suffix);
  }
  [[nodiscard]] const std::string& ids() const { return ids_; }

 private:
  std::string id_;
  std::string ids_;
};

/// The policy's text, unless the problem says it already.
std::string hintBeside(const std::string& problem, const std::string& hint) {
  return problem.find(hint) == std::string::npos ? hint : std::string();
}

json::Value userNameValues(const Source& source) {
  if (!source.form.user_name) return false;
  const auto& asked = *source.form.user_name;
  const auto* previous = source.state.previous;
  const bool is_corrected = previous != nullptr && previous->user_name;
  const auto& filled_in = asked.suggestion.empty() ? asked.proposed : asked.suggestion;
  const auto problem = source.problems.of(field::kUserName);
  const auto hint = hintBeside(problem, asked.hint);
  const auto taken_before =
      is_corrected || asked.suggestion.empty()
          ? std::string()
          : source.texts.text("userNameTakenBefore", {{"proposed", asked.proposed}});
  Describing describing("user-name");
  describing.add("problem", !problem.empty());
  describing.add("taken", !taken_before.empty());
  describing.add("hint", !hint.empty());
  return json::Object{{"id", "user-name"},
                      {"name", field::kUserName},
                      {"value", is_corrected ? *previous->user_name : filled_in},
                      {"takenBefore", taken_before},
                      {"hint", hint},
                      {"pattern", asked.pattern},
                      {"problem", problem},
                      {"describedBy", describing.ids()}};
}

json::Value passwordValues(const Source& source) {
  if (!source.form.password) return false;
  const auto& asked = *source.form.password;
  const auto problem = source.problems.of(field::kPassword);
  const auto hint = hintBeside(problem, asked.hint);
  const auto confirmation_problem = source.problems.of(field::kPasswordConfirmation);
  // A page never repeats a password: who corrects something else has to enter it again.
  const bool is_lost =
      source.state.previous != nullptr && problem.empty() && confirmation_problem.empty();
  Describing describing("password");
  describing.add("problem", !problem.empty());
  describing.add("again", is_lost);
  describing.add("hint", !hint.empty());
  Describing describing_confirmation("password-confirmation");
  describing_confirmation.add("problem", !confirmation_problem.empty());
  return json::Object{
      {"id", "password"},
      {"name", field::kPassword},
      {"hint", hint},
      {"pattern", asked.pattern},
      {"problem", problem},
      {"again", is_lost ? source.texts.text("passwordAgain") : std::string()},
      {"describedBy", describing.ids()},
      {"confirmation", json::Object{{"id", "password-confirmation"},
                                    {"name", field::kPasswordConfirmation},
                                    {"problem", confirmation_problem},
                                    {"describedBy", describing_confirmation.ids()}}}};
}

struct InputForm {
  std::string_view type = "text";
  std::string_view mode;  ///< of an on-screen keyboard
  std::string_view hint;  ///< key of a text
};

InputForm inputFormOf(scim::AttributeType type) {
  switch (type) {
    case scim::AttributeType::kDateTime:
      return {"datetime-local", "", "hintDateTime"};
    case scim::AttributeType::kInteger:
      return {"text", "numeric", ""};
    case scim::AttributeType::kDecimal:
      return {"text", "decimal", ""};
    case scim::AttributeType::kReference:
      return {"text", "url", "hintReference"};
    default:
      return {"text", "", ""};
  }
}

/// What a browser fills in by itself (HTML §4.10.18.7.1).
std::string_view autocompleteOf(std::string_view path) {
  const auto is = [&](std::string_view name) { return equalIgnoringAsciiCase(path, name); };
  if (is("name.givenName")) return "given-name";
  if (is("name.familyName")) return "family-name";
  if (is("name.formatted") || is("displayName")) return "name";
  if (is("nickName")) return "nickname";
  if (is("title")) return "organization-title";
  if (path.starts_with("emails")) return "email";
  if (path.starts_with("phoneNumbers")) return "tel";
  return "off";
}

json::Array optionsOf(const Source& source, const jit::AskedAttribute& asked,
                      std::string_view chosen) {
  json::Array options;
  const auto add = [&](std::string_view value, std::string_view label) {
    options.push_back(json::Object{
        {"value", value}, {"label", label}, {"isSelected", !value.empty() && value == chosen}});
  };
  if (asked.type == scim::AttributeType::kBoolean) {
    add("true", source.texts.text("yes"));
    add("false", source.texts.text("no"));
  } else {
    for (const auto& value : asked.canonical_values) add(value, value);
  }
  return options;
}

json::Value attributeValues(const Source& source, const jit::AskedAttribute& asked,
                            std::size_t index) {
  const auto id = "attribute-" + std::to_string(index);
  std::string value;
  if (source.state.previous != nullptr) {
    for (const auto& [path, text] : source.state.previous->attributes) {
      if (path == asked.path) value = text;
    }
  }
  const auto input = inputFormOf(asked.type);
  if (asked.type == scim::AttributeType::kDateTime && value.ends_with('Z')) value.pop_back();
  const auto problem = source.problems.of("attributes." + asked.path);
  // The descriptions of a schema are English, and wordy where everybody knows what is meant.
  const bool is_described = !source.texts.hasLabel(asked.path) && !asked.description.empty();
  const auto note = input.hint.empty() ? std::string() : source.texts.text(input.hint);
  auto options = optionsOf(source, asked, value);
  Describing describing(id);
  describing.add("problem", !problem.empty());
  describing.add("hint", is_described);
  describing.add("note", !note.empty());
  return json::Object{{"id", id},
                      {"name", field::attribute(asked.path)},
                      {"path", asked.path},
                      {"label", source.texts.label(asked.path)},
                      {"value", value},
                      {"hint", is_described ? asked.description : std::string()},
                      {"note", note},
                      {"problem", problem},
                      {"describedBy", describing.ids()},
                      {"isChoice", !options.empty()},
                      {"options", std::move(options)},
                      {"inputType", input.type},
                      {"inputMode", input.mode},
                      {"autocomplete", autocompleteOf(asked.path)}};
}

bool isTicked(const Source& source, const std::string& purpose, const std::string& path) {
  if (source.state.previous == nullptr) return false;
  const auto& consents = source.state.previous->consents;
  return std::any_of(consents.begin(), consents.end(), [&](const auto& consent) {
    return consent.purpose == purpose &&
           std::find(consent.agreed.begin(), consent.agreed.end(), path) != consent.agreed.end();
  });
}

json::Value purposeValues(const Source& source, const jit::AskedPurpose& asked, std::size_t index) {
  const auto& purpose = *asked.purpose;
  const auto id = "consent-" + std::to_string(index);
  const auto whole = "consent." + purpose.name;
  const auto whole_problem = source.problems.of(whole);
  const auto& [language, text] = jit::textIn(purpose, source.texts.tag());
  json::Array attributes;
  for (std::size_t i = 0; i < asked.attributes.size(); ++i) {
    const auto& attribute = asked.attributes[i];
    const auto& path = attribute.path.text();
    const auto attribute_id = id + '-' + std::to_string(i);
    auto of_path = whole;
    of_path.append(".").append(path);
    const auto problem = path.empty() ? std::string() : source.problems.of(of_path);
    // What is wrong with a purpose as a whole stands beside its title, and leads to its first box.
    Describing describing(id);
    describing.add("problem", i == 0 && !whole_problem.empty());
    describing.add(std::to_string(i) + "-problem", !problem.empty());
    attributes.push_back(json::Object{
        {"id", attribute_id},
        {"name", field::agree(purpose.name, path)},
        {"path", path},
        {"label", path.empty() ? source.texts.text("agreeWhole") : source.texts.label(path)},
        {"isMandatory", attribute.mandatory},
        {"isTicked", isTicked(source, purpose.name, path)},
        {"problem", problem},
        {"isInvalid", !describing.ids().empty()},
        {"describedBy", describing.ids()}});
  }
  return json::Object{{"id", id},
                      {"name", field::consent(purpose.name, purpose.version)},
                      {"purpose", purpose.name},
                      {"title", text.title},
                      {"description", text.description},
                      {"textLanguage", language == source.texts.tag() ? std::string() : language},
                      {"problem", whole_problem},
                      {"attributes", std::move(attributes)}};
}

json::Array listOf(const Source& source, const auto& things, const auto& values_of) {
  json::Array list;
  for (std::size_t i = 0; i < things.size(); ++i) list.push_back(values_of(source, things[i], i));
  return list;
}

/// Where each field of a problem is on the page.
FieldPlaces placesOf(const LanguageTexts& texts, const jit::PromptForm& form) {
  FieldPlaces places;
  const auto add = [&](std::string name, std::string id, std::string label,
                       scim::AttributeType type = scim::AttributeType::kString) {
    places.push_back({std::move(name), std::move(id), std::move(label), type});
  };
  if (form.user_name) {
    add(std::string(field::kUserName), "user-name", texts.text("userNameLabel"));
  }
  if (form.password) {
    add(std::string(field::kPassword), "password", texts.text("passwordLabel"));
    add(std::string(field::kPasswordConfirmation), "password-confirmation",
        texts.text("passwordConfirmationLabel"));
  }
  for (std::size_t i = 0; i < form.attributes.size(); ++i) {
    const auto& asked = form.attributes[i];
    add("attributes." + asked.path, "attribute-" + std::to_string(i), texts.label(asked.path),
        asked.type);
  }
  for (std::size_t i = 0; i < form.purposes.size(); ++i) {
    const auto& asked = form.purposes[i];
    const auto id = "consent-" + std::to_string(i);
    const auto& title = jit::textIn(*asked.purpose, texts.tag()).second.title;
    add("consent." + asked.purpose->name, id + "-0", title);
    for (std::size_t j = 0; j < asked.attributes.size(); ++j) {
      const auto& path = asked.attributes[j].path.text();
      if (path.empty()) continue;
      add("consent." + asked.purpose->name + '.' + path, id + '-' + std::to_string(j),
          title + ": " + texts.label(path));
    }
  }
  return places;
}

}  // namespace

json::Object commonValues(const PromptTheme& theme, const LanguageTexts& texts,
                          const PageAddress& address) {
  json::Array languages;
  for (const auto& other : theme.texts().languages()) {
    languages.push_back(json::Object{{"tag", other.tag()},
                                     {"language", other.language()},
                                     {"direction", other.direction()},
                                     {"url", address.path() + "?lang=" + other.tag()},
                                     {"isCurrent", other.tag() == texts.tag()}});
  }
  const bool is_choice = languages.size() > 1;
  return json::Object{
      {"language", texts.tag()},
      {"direction", texts.direction().empty() ? "ltr" : texts.direction()},
      {"style", theme.url(address.base, "style.css")},
      {"script", theme.url(address.base, "prompt.js")},
      {"assets", address.base + "/provision/assets/" + theme.name()},
      {"languages", is_choice ? json::Value(std::move(languages)) : json::Value(json::Array())},
      {"hasLanguages", is_choice}};
}

json::Object textValues(const LanguageTexts& texts, const TextValues& values) {
  json::Object all;
  for (const auto& [key, text] : texts.texts()) all.set(key, texts.text(key, values));
  return all;
}

json::Value promptValues(const PromptTheme& theme, const LanguageTexts& texts,
                         const jit::PromptForm& form, const PageState& state) {
  const ProblemTexts problems(texts, placesOf(texts, form), state.problems);
  const Source source{texts, form, state, problems};
  const auto& provider = form.description.empty() ? form.identity_provider : form.description;
  const auto title = texts.text(form.is_known ? "titleKnown" : "titleNew");
  const auto action =
      state.address.path() +
      (state.address.language_was_asked_for ? "?lang=" + texts.tag() : std::string());
  auto values = commonValues(theme, texts, state.address);
  values.set("text", textValues(texts, {{"provider", provider}, {"domain", form.domain}}));
  values.set("title", title);
  values.set("pageTitle",
             state.problems.empty() ? title : texts.text("errorTitle", {{"title", title}}));
  values.set("lead", texts.text(form.is_known ? "leadKnown" : "leadNew", {{"provider", provider}}));
  values.set("provider", provider);
  values.set("domain", form.domain);
  values.set("isKnown", form.is_known);
  values.set("action", action);
  values.set("checkUrl", form.user_name ? state.address.path() + "/user-name" : std::string());
  values.set("csrf", state.csrf);
  values.set("problems", problems.summary());
  values.set("hasProblems", !state.problems.empty());
  values.set("userName", userNameValues(source));
  values.set("fixedUserName", form.user_name ? std::string() : form.fixed_user_name);
  values.set("password", passwordValues(source));
  values.set("hasAccount", form.user_name || form.password || !form.fixed_user_name.empty());
  values.set("attributes", listOf(source, form.attributes, attributeValues));
  values.set("hasAttributes", !form.attributes.empty());
  values.set("claims", claimValues(texts, form.claims));
  values.set("hasClaims", !form.claims.empty());
  constexpr std::size_t kShownAtOnce = 4;
  values.set("claimsAreFew", form.claims.size() <= kShownAtOnce);
  values.set("purposes", listOf(source, form.purposes, purposeValues));
  values.set("hasPurposes", !form.purposes.empty());
  values.set("continueLabel", texts.text(form.purposes.empty() ? "continueLabel" : "agreeLabel"));
  values.set("declineNote", texts.text(form.is_known ? "declineNoteKnown" : "declineNoteNew"));
  return values;
}

}  // namespace vestibule::http
