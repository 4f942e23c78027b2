#include "app/csv_separator.h"

namespace vestibule::app {

void addSeparatorOption(Command command, std::string& into) {
  command
      .addOption("--separator", into,
                 "Between the fields of CSV: one character, or tab (default: ,)")
      .check([](const std::string& text) -> std::string {
        const bool fits = text == "tab" || (text.size() == 1 && text[0] != '"' && text[0] > ' ');
        return fits ? "" : "one character, not a quote, or tab";
      });
}

char separatorOf(const std::string& value) { return value == "tab" ? '\t' : value.front(); }

}  // namespace vestibule::app
