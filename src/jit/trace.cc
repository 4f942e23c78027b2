#include "jit/trace.h"

#include "base/log.h"

namespace vestibule::jit {

void Trace::add(std::string_view step, std::string_view rule, std::string_view input,
                std::string_view outcome) {
  entries_.push_back({std::string(step), printable(rule), printable(input), printable(outcome)});
}

json::Array Trace::toJson() const {
  json::Array array;
  array.reserve(entries_.size());
  for (const TraceEntry& entry : entries_) {
    array.emplace_back(json::Object{{"step", entry.step},
                                    {"rule", entry.rule},
                                    {"input", entry.input},
                                    {"outcome", entry.outcome}});
  }
  return array;
}

}  // namespace vestibule::jit
