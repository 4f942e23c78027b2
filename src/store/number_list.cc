#include "store/number_list.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace vestibule::store {

std::string numbersText(const std::vector<DomainNumber>& numbers) {
  std::string text;
  for (const auto number : numbers) {
    text += (text.empty() ? "" : " ") + std::to_string(number.value());
  }
  return text;
}

std::vector<DomainNumber> readNumbers(std::string_view text) {
  std::vector<DomainNumber> numbers;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    std::uint16_t number = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
    if (read.ec == std::errc() && read.ptr == word.data() + word.size()) {
      numbers.emplace_back(number);
    }
  }
  return numbers;
}

}  // namespace vestibule::store
