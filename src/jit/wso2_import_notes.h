#pragma once
// What the readers of the sections of WSO2's identity providers share. Private to jit/.

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jit/wso2_import.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// Collects the report.
class ImportNotes {
 public:
  void kept(const scim::Place& place, std::string text) {
    notes_.push_back({place.pointer(), ImportFate::kKept, std::move(text)});
  }
  void changed(const scim::Place& place, std::string text) {
    notes_.push_back({place.pointer(), ImportFate::kChanged, std::move(text)});
  }
  void dropped(const scim::Place& place, std::string text) {
    notes_.push_back({place.pointer(), ImportFate::kDropped, std::move(text)});
  }
  /// Notes every member of the object at `place` that nobody reads.
  void dropUnknown(const json::Object& object, const scim::Place& place,
                   std::initializer_list<std::string_view> read) {
    for (const json::Member& member : object) {
      if (std::find(read.begin(), read.end(), member.key) == read.end()) {
        dropped(place.member(member.key), "is nothing that this import knows");
      }
    }
  }

  [[nodiscard]] std::vector<ImportNote> take() { return std::move(notes_); }

 private:
  std::vector<ImportNote> notes_;
};

}  // namespace vestibule::jit
