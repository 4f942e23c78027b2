#pragma once
// The section `idToken` of an identity provider's settings: from whom and for whom its tokens are,
// and where its keys are.

#include <string>

#include "base/result.h"
#include "jose/key_location.h"
#include "jose/token.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// How ID tokens of one identity provider are verified.
struct IdTokenSettings {
  jose::TokenRules rules;
  jose::KeyLocation keys;  ///< jwksUri
  bool required = true;    ///< a login without a token is refused
  /// The section in canonical form, with every default written out.
  json::Object document;
};

/// Reads the section. What is wrong is noted in `fields` with its JSON pointer: an unknown key, a
/// missing `issuer`, `clientIds` or `jwksUri`, a list that is empty or names something twice, an
/// algorithm that is not known (`none` and the HMACs among them), a number out of its bounds, and
/// all that jose::readKeyLocation refuses. `section` is what `fields` reads.
[[nodiscard]] IdTokenSettings readIdTokenSettings(scim::Fields& fields,
                                                  const json::Object& section);

}  // namespace vestibule::jit
