#pragma once
// The table of all configuration keys: what loading, describing and printing have in common.
// Private to the config files.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

namespace vestibule::app {

/// Where a key's value lives in a Config, and by its type what values it takes.
using ConfigField = std::variant<std::string*, std::filesystem::path*, std::uint16_t*,
                                 std::uint32_t*, bool*, std::map<std::string, std::string>*>;

struct ConfigKey {
  std::string_view section;  ///< empty: top level
  std::string_view name;
  std::string_view meaning;  ///< sentences; lines are broken by the writer
  ConfigField (*field)(Config& config);
  std::uint32_t least = 0;  ///< numbers only
  std::uint32_t most = 0;
  /// For texts: why a value cannot be taken, as the end of a sentence; empty when it can. Null:
  /// every text is good.
  std::string (*complaint)(const std::string& text) = nullptr;
  std::string_view example = {};  ///< what to show where the default is empty
  bool secret = false;            ///< a URL whose password is never printed

  /// `section.name`, or the bare name at top level.
  [[nodiscard]] std::string dotted() const;
  /// `VESTIBULE_SECTION_NAME`.
  [[nodiscard]] std::string variable() const;
};

/// All keys; those of one section stand together.
[[nodiscard]] const std::vector<ConfigKey>& configKeys();

/// The key of this dotted name, or null.
[[nodiscard]] const ConfigKey* findConfigKey(std::string_view dotted);

}  // namespace vestibule::app
