#pragma once
// What settings say of the tokens of an issuer: by whom they are signed, where the keys are and for
// whom the tokens are. ID tokens and access tokens have it in common.

#include <string>
#include <string_view>
#include <vector>

#include "jose/algorithm.h"
#include "jose/key_location.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::directory {

/// The member `issuer`: a text of at most 1,000 bytes without control characters.
[[nodiscard]] std::string readIssuer(scim::Fields& fields);

/// The texts of the member `key`: 1 to 100, each once, as `issuer` is. `what` names one of them in
/// error texts.
[[nodiscard]] std::vector<std::string> readNames(scim::Fields& fields, std::string_view key,
                                                 std::string_view what);

/// The member `algorithms`: all that are known where it is absent. Noted in `fields`: an empty
/// list, one that is not known (`none` and the HMACs among them) and one that is named twice.
[[nodiscard]] std::vector<jose::Algorithm> readAlgorithms(scim::Fields& fields);

/// The algorithms as `readAlgorithms` reads them.
[[nodiscard]] json::Array namesOf(const std::vector<jose::Algorithm>& algorithms);

/// The member `jwksUri`, as jose::readKeyLocation takes it, with its text.
struct KeyAddress {
  std::string text;
  jose::KeyLocation location;
};
[[nodiscard]] KeyAddress readKeyAddress(scim::Fields& fields);

}  // namespace vestibule::directory
