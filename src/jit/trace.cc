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

/// What a step takes besides its texts.
constexpr std::size_t kStepSyntax = 48;

std::size_t sizeOf(const TraceEntry& entry) {
  return entry.step.size() + entry.rule.size() + entry.input.size() + entry.outcome.size();
}

/// The same as text, written straight: every login has its trace kept.
void appendStep(std::string& out, const TraceEntry& entry) {
  out += out.back() == '[' ? R"({"step":)" : R"(,{"step":)";
  json::appendString(out, entry.step);
  out += R"(,"rule":)";
  json::appendString(out, entry.rule);
  out += R"(,"input":)";
  json::appendString(out, entry.input);
  out += R"(,"outcome":)";
  json::appendString(out, entry.outcome);
  out += '}';
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
  std::string text = "[";
  std::size_t size = 2;
  for (const TraceEntry& entry : entries_) size += kStepSyntax + sizeOf(entry);
  text.reserve(size);
  const auto append = [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) appendStep(text, entries_[i]);
  };
  if (entries_.size() <= kKeptSteps) {
    append(0, entries_.size());
  } else {
    constexpr std::size_t kFirstSteps = kKeptSteps - kLastSteps - 1;
    const std::size_t last = entries_.size() - kLastSteps;
    append(0, kFirstSteps);
    appendStep(text, {"trace", "", "", std::to_string(last - kFirstSteps) + " steps are not kept"});
    append(last, entries_.size());
  }
  text += ']';
  return text;
}

}  // namespace vestibule::jit
