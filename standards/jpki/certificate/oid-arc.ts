/**
 * Object identifiers of the service. 2.999 is the arc for examples (ITU-T X.660 Annex A): it belongs to nobody, so a
 * certificate of ours can never pass for one of JPKI's, whose numbers below its own arc (1.2.392.200149) are kept in shape.
 */
export const arc = '2.999.8.5'
