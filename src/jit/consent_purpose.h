#pragma once
// A consent purpose: what a person is asked to agree to, and which attributes it covers.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "jit/consent_path.h"

namespace vestibule::jit {

/// Permanent; never used again.
using PurposeNumber = std::uint32_t;

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
  std::map<std::string, PurposeText, std::less<>> texts;  ///< by language (`de`); never empty
  /// Never empty: a purpose that names no attributes has the one mandatory attribute whose path is
  /// empty, for the purpose as a whole.
  std::vector<PurposeAttribute> attributes;
  OnWithdrawal on_withdrawal = OnWithdrawal::kRemoveValues;
};

}  // namespace vestibule::jit
