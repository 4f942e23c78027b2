#pragma once
// Numbers of domains as one column holds them. Private to store/.

#include <string>
#include <string_view>
#include <vector>

#include "base/strong.h"

namespace vestibule::store {

/// The numbers with spaces between them.
[[nodiscard]] std::string numbersText(const std::vector<DomainNumber>& numbers);

/// The numbers of such a text. What is no number is left out: it opens no domain.
[[nodiscard]] std::vector<DomainNumber> readNumbers(std::string_view text);

}  // namespace vestibule::store
