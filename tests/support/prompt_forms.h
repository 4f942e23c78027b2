#pragma once
// Prompts of every kind, as data, for what shows and reads them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jit/prompt_form.h"

namespace vestibule::test {

/// A purpose with a text in English and German, as it is asked about: each attribute by its path,
/// `!` before a mandatory one; none: the purpose as a whole.
inline jit::AskedPurpose askedPurpose(const std::string& name, const jit::PurposeText& english,
                                      const jit::PurposeText& german,
                                      const std::vector<std::string>& attributes) {
  auto purpose = std::make_shared<jit::ConsentPurpose>();
  purpose->name = name;
  purpose->version = 3;
  purpose->texts = {{"de", german}, {"en", english}};
  for (const auto& attribute : attributes) {
    const bool mandatory = attribute.starts_with('!');
    purpose->attributes.push_back(
        {jit::ConsentPath::ofText(attribute.substr(mandatory ? 1 : 0)), mandatory, 1});
  }
  if (attributes.empty()) purpose->attributes.push_back({jit::ConsentPath(), true, 1});
  return {purpose, purpose->attributes};
}

inline jit::PromptForm emptyForm() {
  jit::PromptForm form;
  form.identity_provider = "okta-corp";
  form.description = "Example Corp";
  form.domain = "CORP";
  form.fixed_user_name = "ada";
  return form;
}

inline std::vector<jit::ShownClaim> someClaims() {
  return {{"name.givenName", "Ada"},
          {"name.familyName", "Lovelace"},
          {R"(emails[type eq "work"].value)", "ada.lovelace@example.com"},
          {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Analysis"}};
}

inline std::vector<jit::AskedPurpose> somePurposes() {
  return {
      askedPurpose("terms", {"Terms of use", "You keep to the rules of this service."},
                   {"Nutzungsbedingungen", "Sie halten sich an die Regeln dieses Dienstes."}, {}),
      askedPurpose("directory",
                   {"Company directory", "Colleagues can find you by your name and reach you."},
                   {"Firmenverzeichnis",
                    "Ihre Kolleginnen und Kollegen finden Sie unter Ihrem Namen und erreichen "
                    "Sie."},
                   {"!name", "emails", "phoneNumbers"}),
      askedPurpose("newsletter", {"Newsletter", "News of the house, at most once a month."},
                   {"Rundbrief", "Neues aus dem Haus, höchstens einmal im Monat."}, {"emails"})};
}

/// PROMPT_USERNAME_PASSWORD_CONSENT, and an attribute of each kind that is missing.
inline jit::PromptForm fullForm() {
  auto form = emptyForm();
  form.fixed_user_name.clear();
  form.user_name = jit::AskedUserName{"ada", "ada2", "3 to 30 letters, digits, dots and hyphens.",
                                      "^[a-z0-9.-]{3,30}$"};
  form.password = jit::AskedPassword{"At least 12 characters.", "^.{12,}$"};
  form.attributes = {
      {"displayName", scim::AttributeType::kString, {}, "The name of the User."},
      {R"(phoneNumbers[type eq "mobile"].value)",
       scim::AttributeType::kString,
       {},
       "Phone number."},
      {"urn:example:params:User:workStation",
       scim::AttributeType::kString,
       {"window", "door"},
       "Where the desk of the User stands."},
      {"urn:example:params:User:isContractor", scim::AttributeType::kBoolean, {}, ""},
      {"urn:example:params:User:floor", scim::AttributeType::kInteger, {}, ""},
      {"urn:example:params:User:startsAt", scim::AttributeType::kDateTime, {}, ""}};
  form.claims = someClaims();
  form.purposes = somePurposes();
  return form;
}

}  // namespace vestibule::test
