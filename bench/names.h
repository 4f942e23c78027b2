#pragma once
// Names of people from many countries, as directories really hold them: what is written, and the
// ASCII form that logins use.

#include <array>
#include <span>
#include <string_view>

namespace vestibule::bench {

/// A name and how a login spells it.
struct Name {
  std::string_view written;
  std::string_view ascii;
};

/// One country's names and places.
struct Culture {
  std::string_view locale;
  std::string_view language;
  std::string_view time_zone;
  std::string_view country;
  std::string_view city;
  std::string_view street;
  std::string_view dialling_code;
  bool family_first = false;  ///< the family name is written first, without a space
  std::array<Name, 10> given;
  std::array<Name, 10> family;
};

/// All of them, in a fixed order.
[[nodiscard]] std::span<const Culture> cultures();

/// Names of departments, in a fixed order; each is a group.
[[nodiscard]] std::span<const std::string_view> departments();

/// Job titles, in a fixed order.
[[nodiscard]] std::span<const std::string_view> titles();

}  // namespace vestibule::bench
