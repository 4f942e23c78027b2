#include "scim/lines/json_lines_reader.h"

#include "base/blanks.h"

namespace vestibule::scim {

void JsonLinesReader::feed(std::string_view text) {
  // What has been given out goes, when it is most of what is held: so that each byte moves once.
  if (at_ > text_.size() / 2) {
    text_.erase(0, at_);
    searched_ -= at_;
    at_ = 0;
  }
  text_ += text;
}

std::optional<Record> JsonLinesReader::next() {
  if (!began_) {
    if (text_.size() < kByteOrderMark.size() && !finished_) return std::nullopt;
    if (text_.starts_with(kByteOrderMark)) at_ = searched_ = kByteOrderMark.size();
    began_ = true;
  }
  for (;;) {
    const auto end = text_.find('\n', searched_);
    const bool ends = end != std::string::npos;
    const auto stop = ends ? end : text_.size();
    const bool too_large = stop - at_ > most_bytes_;
    if (!ends && (too_large || skipping_)) {
      if (!skipping_) skipped_line_ = line_;
      skipping_ = true;
      text_.clear();
      at_ = searched_ = 0;
      if (!finished_) return std::nullopt;
    } else if (!ends && !finished_) {
      searched_ = text_.size();
      return std::nullopt;
    }
    if (!ends && !skipping_ && at_ == text_.size()) return std::nullopt;

    Record record;
    record.line = skipping_ ? skipped_line_ : line_;
    if (skipping_ || too_large) {
      record.refused = Error{ErrorKind::kPayloadTooLarge,
                             "the line is larger than " + std::to_string(most_bytes_) + " bytes",
                             {},
                             {},
                             {}};
      skipping_ = false;
    } else {
      std::string_view line(text_.data() + at_, stop - at_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      record.fields.emplace_back(line);
    }
    at_ = searched_ = ends ? stop + 1 : text_.size();
    ++line_;
    if (!record.refused && trimmed(record.fields.front()).empty()) continue;
    return record;
  }
}

}  // namespace vestibule::scim
