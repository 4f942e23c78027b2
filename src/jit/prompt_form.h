#pragma once
// A prompt as data: what a person is asked before they are provisioned, and what they answer.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "jit/consent.h"
#include "json/value.h"
#include "scim/schema/attribute.h"

namespace vestibule::jit {

/// The question for a user name.
struct AskedUserName {
  std::string proposed;    ///< as the identity provider's settings make it; may be empty
  std::string suggestion;  ///< a name like it that is free, when `proposed` is taken; else empty
  std::string hint;        ///< the domain's own text for names against its policy
  /// The domain's UsernameJavaScriptRegEx, for checks in a browser that cannot replace ours; empty:
  /// none.
  std::string pattern;
};

/// The question for a password.
struct AskedPassword {
  std::string hint;     ///< the domain's own text for passwords against its policy
  std::string pattern;  ///< PasswordJavaScriptRegEx, as above
};

/// A value that the identity provider should have sent and did not.
struct AskedAttribute {
  std::string path;  ///< canonical, as claims.mappings[].attribute spells it
  scim::AttributeType type = scim::AttributeType::kString;
  std::vector<std::string> canonical_values;  ///< to choose from; empty: any value
  std::string description;                    ///< from the schema
};

/// A value that the identity provider asserts: shown, never changed.
struct ShownClaim {
  std::string path;
  json::Value value;  ///< canonical
};

/// Everything that one prompt asks. What is not in it is not asked and not accepted.
struct PromptForm {
  std::string identity_provider;
  std::string description;  ///< of the identity provider, as its settings have it; may be empty
  std::string domain;
  std::string fixed_user_name;  ///< where it is not asked for: the name that the user will have, or
                                ///< has
  bool is_known = false;        ///< the user exists
  std::optional<AskedUserName> user_name;
  std::optional<AskedPassword> password;
  std::vector<AskedAttribute> attributes;
  std::vector<ShownClaim> claims;
  std::vector<AskedPurpose> purposes;
};

/// What a person answered. Nothing of it is checked yet.
struct PromptAnswers {
  std::optional<std::string> user_name;
  std::optional<Secret> password;
  std::optional<Secret> password_confirmation;  ///< nothing: there was no second field
  std::vector<std::pair<std::string, std::string>> attributes;  ///< path, text
  std::vector<ConsentAnswer> consents;
};

/// What is wrong with an answer.
struct FieldProblem {
  enum class Reason {
    kMissing,      ///< an answer is needed
    kTaken,        ///< the user name is taken
    kPolicy,       ///< against the domain's policy; `detail` is the policy's own text
    kMismatch,     ///< the two passwords differ
    kInvalid,      ///< no value of the attribute's type
    kMandatory,    ///< consent to this is needed
    kOutdated,     ///< the purpose has changed since it was shown
    kNotAskedFor,  ///< nobody asked for it
  };
  /// `userName`, `password`, `passwordConfirmation`, `attributes.PATH`, `consent.PURPOSE` or
  /// `consent.PURPOSE.PATH`.
  std::string field;
  Reason reason = Reason::kInvalid;
  std::string detail;  ///< English, may be shown
};

/// The reason as JSON answers spell it: `missing`, `taken`, `policy`, …
[[nodiscard]] std::string_view nameOf(FieldProblem::Reason reason);

}  // namespace vestibule::jit
