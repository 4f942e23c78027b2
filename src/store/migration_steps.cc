#include "store/migration_steps.h"

#include "store/statement_text.h"

namespace vestibule::store {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

}  // namespace

std::vector<std::string> stepsOf(std::string_view sql) {
  std::vector<std::string> steps;
  std::string step;
  while (!sql.empty()) {
    const auto end = sql.find('\n');
    const auto line = sql.substr(0, end);
    sql = end == std::string_view::npos ? std::string_view{} : sql.substr(end + 1);
    if (trim(line) == "--;") {
      steps.emplace_back(trim(step));
      step.clear();
    } else {
      step.append(line).append("\n");
    }
  }
  steps.emplace_back(trim(step));
  return steps;
}

std::string stepFor(std::string_view step, const std::string& schema,
                    const std::string& control_schema) {
  constexpr std::string_view kMark = "{schema}";
  std::string text;
  for (auto at = step.find(kMark); at != std::string_view::npos; at = step.find(kMark)) {
    text.append(step.substr(0, at)).append(schema);
    step.remove_prefix(at + kMark.size());
  }
  text.append(step);
  return forSchemas(text, schema, control_schema);
}

}  // namespace vestibule::store
