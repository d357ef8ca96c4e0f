<?xml version="1.0" encoding="UTF-8"?>
<!-- The answers of /oai for people: what a browser shows of them. No script, nothing from elsewhere. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:oai="http://www.openarchives.org/OAI/2.0/" exclude-result-prefixes="oai">
  <xsl:output method="html" encoding="UTF-8" doctype-system="about:legacy-compat"/>
  <xsl:variable name="here" select="'?verb='"/>

  <xsl:template match="/oai:OAI-PMH">
    <html lang="en">
      <head>
        <title>OAI-PMH</title>
        <link rel="stylesheet" href="static/garonne.css"/>
      </head>
      <body>
        <main>
          <h1>OAI-PMH 2.0</h1>
          <p>This address is for harvesters. / Cette adresse est celle des moissonneurs.</p>
          <nav>
            <a href="{$here}Identify">Identify</a> · <a href="{$here}ListMetadataFormats">ListMetadataFormats</a> ·
            <a href="{$here}ListSets">ListSets</a> ·
            <a href="{$here}ListIdentifiers&amp;metadataPrefix=oai_dc">ListIdentifiers</a> ·
            <a href="{$here}ListRecords&amp;metadataPrefix=oai_dc">ListRecords</a>
          </nav>
          <p><xsl:value-of select="oai:responseDate"/></p>
          <xsl:apply-templates select="oai:error | oai:*[not(self::oai:responseDate or self::oai:request)][not(self::oai:error)]"/>
        </main>
      </body>
    </html>
  </xsl:template>

  <xsl:template match="oai:error">
    <p role="alert"><strong><xsl:value-of select="@code"/></strong> – <xsl:value-of select="."/></p>
  </xsl:template>

  <xsl:template match="oai:Identify | oai:metadataFormat">
    <dl><xsl:for-each select="*"><dt><xsl:value-of select="local-name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each></dl>
  </xsl:template>

  <xsl:template match="oai:set">
    <p>
      <a href="{$here}ListIdentifiers&amp;metadataPrefix=oai_dc&amp;set={oai:setSpec}"><xsl:value-of select="oai:setSpec"/></a>
      – <xsl:value-of select="oai:setName"/>
    </p>
  </xsl:template>

  <xsl:template match="oai:header">
    <p>
      <a href="{$here}GetRecord&amp;metadataPrefix=oai_dc&amp;identifier={oai:identifier}"><xsl:value-of select="oai:identifier"/></a>
      – <xsl:value-of select="oai:datestamp"/><xsl:if test="@status"> – <em><xsl:value-of select="@status"/></em></xsl:if>
    </p>
  </xsl:template>

  <xsl:template match="oai:metadata">
    <dl><xsl:for-each select="*/*"><dt><xsl:value-of select="local-name()"/></dt><dd><xsl:value-of select="."/></dd></xsl:for-each></dl>
  </xsl:template>

  <xsl:template match="oai:resumptionToken">
    <p>
      <xsl:value-of select="@cursor"/> / <xsl:value-of select="@completeListSize"/>
      <xsl:if test="string(.)"> – <a href="{$here}{local-name(..)}&amp;resumptionToken={.}">→</a></xsl:if>
    </p>
  </xsl:template>
</xsl:stylesheet>
