#pragma once
// A consent purpose: what a person is asked to agree to, and which attributes it covers.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jit/consent_path.h"
#include "json/value.h"
#include "scim/schema/registry.h"
#include "store/consent_purpose_store.h"

namespace vestibule::jit {

/// Permanent; never used again.
using PurposeNumber = store::ConsentPurposeNumber;

/// The language whose text every purpose has.
inline constexpr std::string_view kFallbackLanguage = "en";

/// How a purpose is put to people of one language.
struct PurposeText {
  std::string title;
  std::string description;
};

/// One attribute that a purpose covers.
struct PurposeAttribute {
  ConsentPath path;
  bool mandatory = false;  ///< who refuses it is not provisioned
  /// The version of the purpose in which this attribute's terms changed last: who answered to an
  /// earlier one is asked again.
  std::uint32_t since = 1;
};

/// What a withdrawal does to the user.
enum class OnWithdrawal : std::uint8_t {
  kRemoveValues,  ///< the values of the withdrawn attributes are removed, and stay away
  kDisableUser,   ///< the user is disabled
};

/// A purpose as it stands. Immutable.
struct ConsentPurpose {
  PurposeNumber number = 0;
  std::uint32_t version = 1;
  std::string name;
  /// By language (`de`, as canonicalLanguage writes it); one is kFallbackLanguage.
  std::map<std::string, PurposeText, std::less<>> texts;
  /// Never empty: a purpose that names no attributes has the one mandatory attribute whose path is
  /// empty, for the purpose as a whole.
  std::vector<PurposeAttribute> attributes;
  OnWithdrawal on_withdrawal = OnWithdrawal::kRemoveValues;

  /// The settings in canonical form, with every default written out.
  json::Object document;
};

/// Compiles a settings document: `{"name", "texts": {"en": {"title", "description"}}, "attributes":
/// [{"attribute", "mandatory"}], "onWithdrawal"}`. Nothing in it is ignored: error kInvalidValue
/// with a JSON pointer in the text for an unknown key, a wrong type or word, a text that lacks or
/// is too long, no text in kFallbackLanguage, an attribute that ConsentPath::bind refuses or that
/// is named twice, `removeValues` without an attribute whose values could be removed. Version and
/// `since` are those of a new purpose.
[[nodiscard]] Result<ConsentPurpose> compileConsentPurpose(const scim::Registry& registry,
                                                           const scim::ResourceType& user_type,
                                                           const json::Value& document);

/// The same from the database. Errors as above, for a row that an older or newer version wrote, and
/// kInternal for terms that are none.
[[nodiscard]] Result<ConsentPurpose> compileConsentPurpose(const scim::Registry& registry,
                                                           const scim::ResourceType& user_type,
                                                           const store::ConsentPurposeRow& row);

/// Gives `purpose` the version, which it has from now on as what follows `before` (null: nothing
/// that can be read). Whoever agreed is asked again about attributes that are new or mandatory
/// since now, and about all of them when a text has changed, unless the change is editorial.
void settleTerms(ConsentPurpose& purpose, std::uint32_t version, const ConsentPurpose* before,
                 bool editorial);

/// Settings and terms as they are stored.
[[nodiscard]] store::ConsentPurposeText textOf(const ConsentPurpose& purpose);

/// The text in a language, else in that language without its region (`de-AT`, `de`), else in
/// kFallbackLanguage; with the language that it is in.
[[nodiscard]] const std::pair<const std::string, PurposeText>& textIn(const ConsentPurpose& purpose,
                                                                      std::string_view language);

}  // namespace vestibule::jit
