/// The upper halves of the single-byte character sets that text gets mistaken for.
///
/// Eight rows of sixteen characters for the bytes 0x80 … 0xFF; a space where a set assigns none.
extension SingleByteSet {
    /// Windows-1252, Western European.
    static let windows1252 = SingleByteSet(
        isLenient: true,
        """
        € ‚ƒ„…†‡ˆ‰Š‹Œ Ž \
         ‘’“”•–—˜™š›œ žŸ\
        \u{A0}¡¢£¤¥¦§¨©ª«¬\u{AD}®¯\
        °±²³´µ¶·¸¹º»¼½¾¿\
        ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ\
        ÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß\
        àáâãäåæçèéêëìíîï\
        ðñòóôõö÷øùúûüýþÿ
        """)
    /// Windows-1251, Cyrillic.
    static let windows1251 = SingleByteSet(
        isLenient: true,
        """
        ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏ\
        ђ‘’“”•–— ™љ›њќћџ\
        \u{A0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{AD}®Ї\
        °±Ііґµ¶·ё№є»јЅѕї\
        АБВГДЕЖЗИЙКЛМНОП\
        РСТУФХЦЧШЩЪЫЬЭЮЯ\
        абвгдежзийклмноп\
        рстуфхцчшщъыьэюя
        """)
    /// Windows-1250, Central European.
    static let windows1250 = SingleByteSet(
        isLenient: true,
        """
        € ‚ „…†‡ ‰Š‹ŚŤŽŹ\
         ‘’“”•–— ™š›śťžź\
        \u{A0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{AD}®Ż\
        °±˛ł´µ¶·¸ąş»Ľ˝ľż\
        ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ\
        ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß\
        ŕáâăäĺćçčéęëěíîď\
        đńňóôőö÷řůúűüýţ˙
        """)
    /// Windows-1253, Greek.
    static let windows1253 = SingleByteSet(
        isLenient: true,
        """
        € ‚ƒ„…†‡ ‰ ‹    \
         ‘’“”•–— ™ ›    \
        \u{A0}΅Ά£¤¥¦§¨© «¬\u{AD}®―\
        °±²³΄µ¶·ΈΉΊ»Ό½ΎΏ\
        ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟ\
        ΠΡ ΣΤΥΦΧΨΩΪΫάέήί\
        ΰαβγδεζηθικλμνξο\
        πρςστυφχψωϊϋόύώ 
        """)
    /// Windows-1254, Turkish.
    static let windows1254 = SingleByteSet(
        isLenient: true,
        """
        € ‚ƒ„…†‡ˆ‰Š‹Œ   \
         ‘’“”•–—˜™š›œ  Ÿ\
        \u{A0}¡¢£¤¥¦§¨©ª«¬\u{AD}®¯\
        °±²³´µ¶·¸¹º»¼½¾¿\
        ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ\
        ĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß\
        àáâãäåæçèéêëìíîï\
        ğñòóôõö÷øùúûüışÿ
        """)
    /// Windows-1257, Baltic.
    static let windows1257 = SingleByteSet(
        isLenient: true,
        """
        € ‚ „…†‡ ‰ ‹ ¨ˇ¸\
         ‘’“”•–— ™ › ¯˛ \
        \u{A0} ¢£¤ ¦§Ø©Ŗ«¬\u{AD}®Æ\
        °±²³´µ¶·ø¹ŗ»¼½¾æ\
        ĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻ\
        ŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽß\
        ąįāćäåęēčéźėģķīļ\
        šńņóōõö÷ųłśūüżž˙
        """)
    /// ISO 8859-2, Central European.
    static let latin2 = SingleByteSet(
        isLenient: false,
        """
                        \
                        \
        \u{A0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{AD}ŽŻ\
        °ą˛ł´ľśˇ¸šşťź˝žż\
        ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎ\
        ĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß\
        ŕáâăäĺćçčéęëěíîď\
        đńňóôőö÷řůúűüýţ˙
        """)
    /// Mac OS Roman.
    static let macRoman = SingleByteSet(
        isLenient: false,
        """
        ÄÅÇÉÑÖÜáàâäãåçéè\
        êëíìîïñóòôöõúùûü\
        †°¢£§•¶ß®©™´¨≠ÆØ\
        ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
        ¿¡¬√ƒ≈∆«»…\u{A0}ÀÃÕŒœ\
        –—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ\
        ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\
        \u{F8FF}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ
        """)
    /// Code page 437, of the IBM PC.
    static let cp437 = SingleByteSet(
        isLenient: false,
        """
        ÇüéâäàåçêëèïîìÄÅ\
        ÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
        áíóúñÑªº¿⌐¬½¼¡«»\
        ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧\
        ╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
        αßΓπΣσµτΦΘΩδ∞φε∩\
        ≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}
        """)
}
