#pragma once
// Which login of a subject it is: some settings hold for the first one only.

#include <cstdint>

namespace vestibule::jit {

enum class LoginKind : std::uint8_t {
  kCreates,  ///< makes the user
  kFirst,    ///< the first of a subject whose user was there: linked by a rule, or by an
             ///< administrator before anybody signed in
  kLater,
};

}  // namespace vestibule::jit
