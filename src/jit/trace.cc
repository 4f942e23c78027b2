#include "jit/trace.h"

#include "base/log.h"
#include "json/write.h"

namespace vestibule::jit {
namespace {

/// Of a kept trace that is too long: what the decision came to stands at its end.
constexpr std::size_t kLastSteps = 20;

json::Object stepObject(const TraceEntry& entry) {
  return {{"step", entry.step},
          {"rule", entry.rule},
          {"input", entry.input},
          {"outcome", entry.outcome}};
}

}  // namespace

void Trace::add(std::string_view step, std::string_view rule, std::string_view input,
                std::string_view outcome) {
  entries_.push_back({std::string(step), printable(rule), printable(input), printable(outcome)});
}

json::Array Trace::toJson() const {
  json::Array array;
  array.reserve(entries_.size());
  for (const TraceEntry& entry : entries_) array.emplace_back(stepObject(entry));
  return array;
}

std::string Trace::keptText() const {
  if (entries_.size() <= kKeptSteps) return json::write(toJson());
  constexpr std::size_t kFirstSteps = kKeptSteps - kLastSteps - 1;
  const std::size_t last = entries_.size() - kLastSteps;
  json::Array array;
  array.reserve(kKeptSteps);
  for (std::size_t i = 0; i < kFirstSteps; ++i) array.emplace_back(stepObject(entries_[i]));
  array.emplace_back(
      stepObject({"trace", "", "", std::to_string(last - kFirstSteps) + " steps are not kept"}));
  for (std::size_t i = last; i < entries_.size(); ++i) array.emplace_back(stepObject(entries_[i]));
  return json::write(array);
}

}  // namespace vestibule::jit
