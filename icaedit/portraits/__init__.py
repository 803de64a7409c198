from icaedit.portraits.sampling import *
from icaedit.portraits.parameters import *
from icaedit.portraits.expressions import *
from icaedit.portraits.render import *
