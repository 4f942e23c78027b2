#pragma once
// Changes of schema files, as between two versions of an installation.

#include <stdexcept>
#include <string>
#include <vector>

#include "scim/schema/registry.h"

namespace vestibule::scim::test {

/// A change of the text of schema files.
struct Edit {
  std::string from;
  std::string to;
};

/// Makes each change, in every file that holds its text. Throws where none does.
inline void apply(const std::vector<Edit>& edits, std::vector<SchemaFile>& files) {
  for (const auto& edit : edits) {
    bool found = false;
    for (auto& file : files) {
      const auto at = file.content.find(edit.from);
      if (at == std::string::npos) continue;
      file.content.replace(at, edit.from.size(), edit.to);
      found = true;
    }
    if (!found) throw std::runtime_error("no schema file holds " + edit.from);
  }
}

}  // namespace vestibule::scim::test
