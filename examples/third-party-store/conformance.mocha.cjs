const { registerConformance } = require('@stet/conformance/globals');
const { target } = require('./target.js');

registerConformance(target);
