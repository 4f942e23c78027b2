#pragma once
// What a federated identity is called by.

#include <string>

#include "base/strong.h"

namespace vestibule::directory {

/// Who an identity provider says it is.
struct IdentityName {
  std::string identity_provider;
  Subject subject;
};

}  // namespace vestibule::directory
