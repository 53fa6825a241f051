#include "doc/node.h"
