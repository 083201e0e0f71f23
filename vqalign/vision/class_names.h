#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vqalign {

/// The 80 classes of COCO's detection task (Lin et al., "Microsoft COCO", ECCV 2014) in the order
/// in which detectors number them, spelled as Darknet's coco.names has them.
const std::vector<std::string>& coco_class_names();

/// A list of class names, one a line; blanks around a name, empty lines and carriage returns are no
/// part of it. Error naming the file when it is missing, longer than 1 MB, no UTF-8, without a
/// name, with more than 4096, or names one twice.
std::vector<std::string> read_class_names(const std::filesystem::path& path);

}  // namespace vqalign
